"""`leeward recovery list|history|test`: what the fleet does by itself when something fails."""

from typing import TYPE_CHECKING

import click

from console.cli.completion import names
from console.cli.exit_code import ExitCode
from console.cli.fleet import fleet, who
from console.cli.terminal.group import CommandGroup
from console.cli.terminal.output import listing_output, output
from console.cli.terminal.screen import Screen
from console.cli.terminal.tables.listing import Column, Listing, Tone

if TYPE_CHECKING:
    from datetime import timedelta

    from leeward_admin import RecoveryActionState, RecoveryAttempt

_TONES = {"recovered": Tone.GOOD, "under_way": Tone.WARNING}


def _took(span: "timedelta | None") -> str | None:
    if span is None:
        return None
    seconds = span.total_seconds()
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"


def _rate(one: "RecoveryActionState") -> str | None:
    return None if one.success_rate is None else f"{one.success_rate:.0%} of {one.recovered + one.failed}"


ACTIONS: "Listing[RecoveryActionState]" = Listing(
    name="actions",
    columns=(
        Column(key="action", value=lambda one: one.action),
        Column(key="priority", value=lambda one: one.priority),
        Column(key="extension", value=lambda one: one.extension or None, wide=True),
        Column(key="recovered", value=lambda one: one.recovered, wide=True),
        Column(key="failed", value=lambda one: one.failed, wide=True),
        Column(key="success_rate", heading="helped", value=lambda one: one.success_rate, text=_rate),
        Column(
            key="average",
            heading="took",
            value=lambda one: one.average,
            text=lambda one: _took(one.average),
            wide=True,
        ),
        Column(key="last_at", heading="last", value=lambda one: one.last and one.last.last),
        Column(key="about", value=lambda one: one.about, wrap=True),
    ),
)

HISTORY: "Listing[RecoveryAttempt]" = Listing(
    name="attempts",
    columns=(
        Column(key="last", heading="at", value=lambda one: one.last or one.at),
        Column(key="action", value=lambda one: one.action),
        Column(key="of", value=lambda one: one.of, cut=True),
        Column(key="operation", value=lambda one: one.operation, wide=True),
        Column(
            key="outcome",
            value=lambda one: one.outcome.value,
            text=lambda one: one.outcome.value.replace("_", " "),
            tone=lambda one: _TONES.get(one.outcome.value, Tone.BAD),
        ),
        Column(key="attempts", heading="times", value=lambda one: one.attempts),
        Column(key="took", value=lambda one: one.took, text=lambda one: _took(one.took), wide=True),
        Column(key="by", value=lambda one: one.by, wide=True),
        Column(key="first", value=lambda one: one.at, wide=True),
        Column(key="test", value=lambda one: one.is_test, wide=True),
        Column(key="detail", value=lambda one: one.detail, cut=True),
    ),
)


@click.group(cls=CommandGroup)
def recovery() -> None:
    """What the fleet does by itself when something fails."""


@recovery.command(name="list")
@listing_output
def list_(screen: Screen) -> None:
    """List the recovery actions in the order in which they are tried, with how often each has helped.

    Imports the extensions that are installed here.
    """
    with fleet() as admin:
        screen.listing(ACTIONS, admin.recovery.actions())


@recovery.command()
@click.option("--action", help="Attempts of this action only.")
@click.option("--of", help="Attempts at this provider, or at postgresql, only.", shell_complete=names.providers)
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True, help="How many at most.")
@listing_output
def history(screen: Screen, *, action: str | None, of: str | None, limit: int) -> None:
    """List the latest attempts, newest first. Attempts that failed in the same way one after the other are one line."""
    with fleet() as admin:
        found = admin.recovery.history(limit=limit, action=action, of=of)
    screen.listing(HISTORY, found, empty="No recovery action was tried yet.")


@recovery.command()
@click.argument("action")
@click.option("--of", help="The provider that the action is for, or postgresql.", shell_complete=names.providers)
@click.option("--force", is_flag=True, help="Also where the condition of the action does not hold.")
@output
@click.pass_context
def test(context: click.Context, screen: Screen, *, action: str, of: str | None, force: bool) -> None:
    """Try a recovery action now, in this process, and say what came of it. It is on record as a test.

    An action that answers failed calls is tried with a sample answer; queue-for-later enqueues the trial job of the provider. Exit code 1:
    it did not help, or its condition does not hold.
    """
    with fleet() as admin:
        trial = admin.recovery.test(action, of=of, by=who(), force=force)
    outcome = trial.outcome.value if trial.outcome else None
    if screen.as_json:
        took = trial.took.total_seconds() if trial.took else None
        screen.document(
            {"action": action, "of": trial.of, "applies": trial.applies, "outcome": outcome, "took": took}
            | {"detail": trial.detail}
        )
    elif outcome is None:
        screen.paragraph(f"Not tried: {trial.detail}. --force tries it nevertheless.")
    else:
        words = {"recovered": "It helped", "under_way": "It is under way"}.get(outcome, "It did not help")
        screen.paragraph(f"{words} ({_took(trial.took)}): {trial.detail}.")
    context.exit(ExitCode.OK if outcome in {"recovered", "under_way"} else ExitCode.FAILED)
