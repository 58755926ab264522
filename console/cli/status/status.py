"""`leeward status`, and `leeward` without a command."""

import sys
from datetime import timedelta
from typing import TYPE_CHECKING

import click

from console.cli.exit_code import Failed
from console.cli.fleet import fleet
from console.cli.status.answer import document_of, show
from console.cli.terminal.duration import DurationType
from console.cli.terminal.output import output
from console.cli.terminal.screen import Form, Screen

if TYPE_CHECKING:
    from leeward_admin import FleetStatus

FIRST_STEPS = (
    ". `leeward up` starts servers, workers and a scheduler on this machine; `leeward --help` lists all commands"
)


@click.command()
@click.option("--watch", is_flag=True, help="Show it again and again, until Ctrl-C.")
@click.option("--every", type=DurationType(), default="2s", show_default=True, help="The pause, with --watch.")
@click.option("--all", "every_queue", is_flag=True, help="Also idle queues, and those of the fleet itself.")
@click.option("--wide", is_flag=True, help="Whole texts and exact times.")
@output
def status(screen: Screen, *, watch: bool, every: timedelta, every_queue: bool, wide: bool) -> None:
    """Show the fleet at a glance: providers, queues, workers, dead letters, and what needs attention, with the commands that help."""
    if not screen.as_json:
        screen = Screen(Form.TABLE, wide=wide, pages=False)
    from leeward_admin import AddressMissing

    try:
        with fleet() as admin:
            if not watch:
                _answer(screen, admin.status(), every_queue=every_queue)
                return
            from console.cli.status.watching import watching

            for found in watching(admin.status, every, clear=sys.stdout.isatty() and not screen.as_json):
                _answer(screen, found, every_queue=every_queue, lines=True)
    except AddressMissing as missing:
        raise Failed(f"{missing}{FIRST_STEPS}") from None


def _answer(screen: Screen, found: "FleetStatus", *, every_queue: bool, lines: bool = False) -> None:
    if not screen.as_json:
        show(screen, found, every_queue=every_queue)
    elif lines:
        screen.record(document_of(found))
    else:
        screen.document(document_of(found))
