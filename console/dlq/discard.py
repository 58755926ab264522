"""`leeward dlq discard`."""

from typing import Any

import click

from console.dlq.conditions import conditions
from console.dlq.decisions import careful, decide
from console.fleet import who
from console.screen import Screen, output


@click.command()
@click.argument("dead_letters", metavar="[ID]...", nargs=-1)
@conditions
@click.option("--note", required=True, help="Why; kept with the dead letter and in its audit.")
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
