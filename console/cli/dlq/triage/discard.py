"""`leeward dlq discard`."""

from typing import Any

import click

from console.cli.dlq.filter_options import conditions
from console.cli.dlq.triage.decisions import careful, decide
from console.cli.fleet import who
from console.cli.terminal.output import output
from console.cli.terminal.screen import Screen


@click.command()
@click.argument("dead_letters", metavar="[ID]...", nargs=-1)
@conditions
@click.option("--note", required=True, help="The reason; stored with the dead letter and in its audit.")
@careful
@output
@click.pass_context
def discard(
    context: click.Context,
    /,
    screen: Screen,
    *,
    dead_letters: tuple[str, ...],
    note: str,
    version: int | None,
    dry_run: bool,
    yes: bool,
    **chosen: Any,
) -> None:
    """Decide that the jobs of these dead letters will not be done."""
    from leeward_admin import Discard

    decision = Discard(who(), note)
    context.exit(decide(screen, decision, dead_letters, chosen, version=version, dry_run=dry_run, yes=yes))
