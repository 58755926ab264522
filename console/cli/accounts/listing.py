"""`leeward accounts list`."""

from typing import TYPE_CHECKING

import click

from console.cli.completion import names
from console.cli.fleet import fleet
from console.cli.terminal.choice import NearestChoice
from console.cli.terminal.output import listing_output
from console.cli.terminal.screen import Screen
from console.cli.terminal.tables.listing import Column, Listing, Tone
from leeward_admin import AccountState

if TYPE_CHECKING:
    from leeward_admin import AccountEntry

TONES = {AccountState.PENDING_SYNC: Tone.WARNING, AccountState.FAILED: Tone.BAD}
ACCOUNTS: "Listing[AccountEntry]" = Listing(
    name="accounts",
    columns=(
        Column(key="provider", value=lambda entry: entry.provider),
        Column(key="user", value=lambda entry: entry.user, cut=True),
        Column(key="wanted", value=lambda entry: entry.wanted),
        Column(key="state", value=lambda entry: entry.state, tone=lambda entry: TONES.get(entry.state, Tone.PLAIN)),
        Column(
            key="expires_at",
            heading="ends",
            value=lambda entry: entry.expires_at,
            text=lambda entry: entry.expires_at or "never",
        ),
        Column(key="asks", heading="asked", value=lambda entry: entry.asks, wide=True),
        Column(key="asked_at", heading="last asked", value=lambda entry: entry.asked_at, wide=True),
        Column(key="confirmed_at", heading="confirmed", value=lambda entry: entry.confirmed_at, wide=True),
        Column(key="job_id", heading="job", value=lambda entry: entry.job_id, short=True),
        Column(key="error", value=lambda entry: entry.error, cut=True),
        Column(key="approved_at", heading="approved", value=lambda entry: entry.approved_at, wide=True),
    ),
)
STATES = [state.value for state in AccountState if state.shown is state]
_MOST = 100_000


@click.command("list")
@click.option(
    "--state", "states", type=NearestChoice(STATES), multiple=True, help="Only accounts in this state. May be repeated."
)
@click.option("--provider", shell_complete=names.providers, help="Only those of this provider.")
@click.option("--limit", type=click.IntRange(1, _MOST), default=200, show_default=True, help="At most this many.")
@listing_output
def list_(screen: Screen, *, states: tuple[str, ...], provider: str | None, limit: int) -> None:
    """List accounts, those that expired longest ago first."""
    with fleet() as admin:
        found = admin.accounts.list([AccountState(state) for state in states], provider=provider, limit=limit)
        overdue = admin.accounts.overdue()
    screen.listing(ACCOUNTS, found, beside={"unconfirmed_ends": overdue.number}, empty="No account matches.")
    if overdue.number and not screen.is_for_programs:
        screen.remark(f"Expired and not confirmed as disabled: {overdue.number:,}. The requests are repeated.")
        screen.remark("One with every step: `leeward accounts show USER`")
