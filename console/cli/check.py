"""`leeward check`: all problems at once."""

from typing import TYPE_CHECKING

import click

from console.cli.exit_code import ExitCode
from console.cli.terminal.output import listing_output
from console.cli.terminal.screen import Screen
from console.cli.terminal.tables.listing import Column, Listing, Tone

if TYPE_CHECKING:
    from leeward_admin import Check


@click.command()
@listing_output
@click.pass_context
def check(context: click.Context, screen: Screen) -> None:
    """Check the configuration, then the servers, the schema and the providers. Exit code 1 if there is a problem."""
    from leeward_admin import Verdict, check_installation

    found = check_installation()
    wrong = sum(one.verdict is Verdict.PROBLEM for one in found)
    screen.listing(CHECKS, found, beside={"ok": not wrong, "problems": wrong})
    if not screen.is_for_programs:
        screen.remark(_verdict(wrong, sum(one.verdict is Verdict.WARNING for one in found)))
    context.exit(ExitCode.FAILED if wrong else ExitCode.OK)


def _verdict(problems: int, warnings: int) -> str:
    also = f", and {_number(warnings, 'warning')}" if warnings else ""
    if problems:
        return f"{_number(problems, 'problem')} found{also}."
    return f"No problem found{also}." if warnings else "Ready."


def _number(number: int, what: str) -> str:
    return f"{number} {what}{'s' if number > 1 else ''}"


def _detail(one: "Check") -> str:
    from console.cli.commands import with_hint

    return with_hint(one.detail, one.actions)


_TONES = {"ok": Tone.GOOD, "warning": Tone.WARNING, "problem": Tone.BAD}

CHECKS: "Listing[Check]" = Listing(
    name="checks",
    columns=(
        Column(key="name", heading="check", value=lambda one: one.name),
        Column(key="verdict", value=lambda one: one.verdict, tone=lambda one: _TONES[one.verdict]),
        Column(key="detail", value=lambda one: one.detail, text=_detail, wrap=True),
        Column(key="actions", value=lambda one: [action.document() for action in one.actions], data=True),
    ),
)
