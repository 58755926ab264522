"""`leeward dlq discard`."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from console.dlq.agreement import agree
from console.dlq.conditions import conditions, filter_from
from console.dlq.deciding import decide_each, matching, named
from console.dlq.listing import show_counts
from console.fleet import fleet, who
from console.screen import Screen, output

if TYPE_CHECKING:
    from storage.dead_letters import Filter, Summary


@click.command()
@click.argument("dead_letters", metavar="[ID]...", nargs=-1)
@conditions
@click.option("--note", required=True, help="Why; kept with the dead letter and in its audit.")
@click.option("--dry-run", is_flag=True, help="Only say how many.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@output
@click.pass_context
def discard(
    context: click.Context,
    /,
    screen: Screen,
    *,
    dead_letters: tuple[str, ...],
    note: str,
    dry_run: bool,
    yes: bool,
    **chosen: Any,
) -> None:
    """Decide that the jobs of these dead letters will not be done."""
    if not dead_letters and not any(chosen.values()):
        raise click.UsageError("Say which: ids, or a filter as --reason invalid.")
    filter_ = filter_from(chosen, dead_letters)
    with fleet() as admin:
        found = admin.dead_letters
        groups = found.counts(_open(filter_))
        if dry_run:
            show_counts(screen, groups)
            return
        letters = sum(group.letters for group in groups)
        agree(f"Discard {letters:,} dead letters?", changes=letters, yes=yes, as_json=screen.as_json)

        def decide(letter: "Summary") -> None:
            found.discard(letter.id, letter.version, who=who(), note=note)

        wanted = named(found, filter_) if filter_.ids else matching(found, _open(filter_))
        context.exit(decide_each(screen, wanted, decide, "discarded"))


def _open(filter_: "Filter") -> "Filter":
    from storage.state import OPEN

    closed = [state for state in filter_.states if state not in OPEN]
    if closed:
        raise click.UsageError(f"{', '.join(closed)} dead letters cannot be discarded: use {' or '.join(OPEN)}.")
    return replace(filter_, states=filter_.states or OPEN)
