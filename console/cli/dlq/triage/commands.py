"""`leeward dlq review`, `assign` and `note`: the owner of a dead letter, and notes about it."""

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
@careful
@output
@click.pass_context
def review(
    context: click.Context,
    /,
    screen: Screen,
    *,
    dead_letters: tuple[str, ...],
    version: int | None,
    dry_run: bool,
    yes: bool,
    **chosen: Any,
) -> None:
    """Set dead letters to `reviewing` and make you their owner."""
    from leeward_admin import Review

    context.exit(decide(screen, Review(who()), dead_letters, chosen, version=version, dry_run=dry_run, yes=yes))


@click.command()
@click.argument("dead_letters", metavar="[ID]...", nargs=-1)
@conditions
@click.option("--to", metavar="OWNER", help="The new owner.")
@click.option("--nobody", is_flag=True, help="Remove the owner: they are `failed` again.")
@careful
@output
@click.pass_context
def assign(
    context: click.Context,
    /,
    screen: Screen,
    *,
    dead_letters: tuple[str, ...],
    to: str | None,
    nobody: bool,
    version: int | None,
    dry_run: bool,
    yes: bool,
    **chosen: Any,
) -> None:
    """Change the owner of dead letters, or remove it."""
    from leeward_admin import Assign

    if nobody == bool((to or "").strip()):
        raise click.UsageError("Give the new owner with --to OWNER, or remove the owner with --nobody.")
    decision = Assign(who(), None if nobody else to)
    context.exit(decide(screen, decision, dead_letters, chosen, version=version, dry_run=dry_run, yes=yes))


@click.command()
@click.argument("dead_letters", metavar="[ID]...", nargs=-1)
@conditions
@click.option("--note", "written", required=True, metavar="TEXT", help="The note; it replaces the former one.")
@careful
@output
@click.pass_context
def note(
    context: click.Context,
    /,
    screen: Screen,
    *,
    dead_letters: tuple[str, ...],
    written: str,
    version: int | None,
    dry_run: bool,
    yes: bool,
    **chosen: Any,
) -> None:
    """Write down what is known about dead letters; the audit keeps what was there before."""
    from leeward_admin import Note

    context.exit(decide(screen, Note(who(), written), dead_letters, chosen, version=version, dry_run=dry_run, yes=yes))
