"""`leeward accounts list`."""

from typing import TYPE_CHECKING, Any

import click

from console.cli.fleet import fleet
from console.cli.terminal.group import CommandGroup
from console.cli.terminal.printable import printable
from console.cli.terminal.screen import Screen, output
from console.cli.terminal.time_text import when
from leeward_admin import AccountState

if TYPE_CHECKING:
    from leeward_admin import AccountEntry

COLUMNS = ("provider", "user", "state", "ends", "asked", "last asked", "confirmed", "job", "error")
STATES = [state.value for state in AccountState if state.shown is state]
ERROR_WIDTH = 80
_MOST = 100_000


@click.group(cls=CommandGroup)
def accounts() -> None:
    """Accounts that expire: requests to disable them, and confirmations of providers."""


@accounts.command("list")
@click.option(
    "--state", "states", type=click.Choice(STATES), multiple=True, help="Only accounts in this state. May be repeated."
)
@click.option("--provider", help="Only those of this provider.")
@click.option("--limit", type=click.IntRange(1, _MOST), default=200, show_default=True, help="At most this many.")
@output
def list_(screen: Screen, *, states: tuple[str, ...], provider: str | None, limit: int) -> None:
    """List accounts, those that expired longest ago first."""
    with fleet() as admin:
        found = admin.accounts.list([AccountState(state) for state in states], provider=provider, limit=limit)
        overdue = admin.accounts.overdue()
    if screen.as_json:
        screen.document({"accounts": [_document(entry) for entry in found], "unconfirmed_ends": overdue.number})
        return
    if found:
        screen.table(COLUMNS, map(_row, found))
    else:
        screen.remark("No account matches.")
    if overdue.number:
        screen.remark(f"Expired and not confirmed as disabled: {overdue.number:,}. The requests are repeated.")


def _document(entry: "AccountEntry") -> dict[str, Any]:
    times = {name: getattr(entry, name) for name in ("expires_at", "asked_at", "confirmed_at")}
    return {
        "provider": entry.provider,
        "user": entry.user,
        "state": entry.state.value,
        **{name: None if at is None else at.isoformat() for name, at in times.items()},
        "asks": entry.asks,
        "job_id": entry.job_id,
        "error": entry.error,
    }


def _row(entry: "AccountEntry") -> tuple[object, ...]:
    times = [None if at is None else when(at) for at in (entry.expires_at, entry.asked_at, entry.confirmed_at)]
    return (
        entry.provider,
        entry.user,
        entry.state.value,
        times[0] or "never",
        entry.asks,
        *times[1:],
        entry.job_id,
        printable(entry.error or "", limit=ERROR_WIDTH),
    )
