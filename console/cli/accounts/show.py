"""`leeward accounts show`."""

from typing import TYPE_CHECKING, Any

import click

from console.cli.completion import names
from console.cli.fleet import fleet
from console.cli.terminal.output import output
from console.cli.terminal.screen import Screen
from console.cli.terminal.tables.cells import json_value
from console.cli.terminal.time_text import when

if TYPE_CHECKING:
    from leeward_admin import AccountEntry, StepEntry

PROVIDER = click.option("--provider", shell_complete=names.providers, help="Which one's, where several have the name.")
_FIELDS = (
    "provider",
    "user",
    "wanted",
    "state",
    "expires_at",
    "confirmed_at",
    "approved_at",
    "asks",
    "asked_at",
    "job_id",
)


@click.command()
@click.argument("user", metavar="USER")
@PROVIDER
@output
def show(screen: Screen, user: str, *, provider: str | None) -> None:
    """Show an account: what is wanted of it, what its provider has confirmed, and every step."""
    with fleet() as admin:
        account = admin.accounts.get(user, provider)
        steps = admin.accounts.steps(account)
    if screen.as_json:
        screen.document(_document(account) | {"steps": [_step(step) for step in steps]})
        return
    for name in _FIELDS:
        value = getattr(account, name)
        if value not in (None, 0):
            screen.line(f"{name.replace('_', ' ') + ':':<14}{when(value) if name.endswith('_at') else value}")
    if account.expires_at is None:
        screen.line(f"{'expires at:':<14}never")
    if account.error:
        screen.paragraph(account.error, after=f"{'error:':<14}")
    screen.line("steps:" if steps else "steps: none on record")
    for step in steps:
        who = "" if step.who is None else f" by {step.who}"
        screen.paragraph(f"{step.step.replace('_', ' ')}{who}{_text(step)}", after=f"  {when(step.at)}  ")


def _text(step: "StepEntry") -> str:
    """What is said of a step, on one line."""
    parts = [
        str(value) if name in {"why", "error", "state"} else f"{name} {value}" for name, value in step.detail.items()
    ]
    return f": {', '.join(parts)}" if parts else ""


def _document(account: "AccountEntry") -> dict[str, Any]:
    return {name: json_value(value) for name, value in account._asdict().items()}


def _step(step: "StepEntry") -> dict[str, Any]:
    return {name: json_value(value) for name, value in step._asdict().items()}
