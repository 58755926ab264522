"""`leeward dlq hold`."""

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
@click.option("--because", required=True, help="The reason; stored in the audit.")
@click.option("--release", is_flag=True, help="End the hold.")
@careful
@output
@click.pass_context
def hold(
    context: click.Context,
    /,
    screen: Screen,
    *,
    dead_letters: tuple[str, ...],
    because: str,
    release: bool,
    version: int | None,
    dry_run: bool,
    yes: bool,
    **chosen: Any,
) -> None:
    """Put dead letters under legal hold: they are kept forever, in any state."""
    from leeward_admin import Hold, Release

    decision = Release(who(), because) if release else Hold(who(), because)
    context.exit(decide(screen, decision, dead_letters, chosen, version=version, dry_run=dry_run, yes=yes))
