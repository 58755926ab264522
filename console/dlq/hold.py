"""`leeward dlq hold`."""

from typing import TYPE_CHECKING, Any

import click

from console.dlq.agreement import agree
from console.dlq.conditions import conditions, filter_from
from console.dlq.deciding import decide_each, matching, named
from console.dlq.listing import show_counts
from console.fleet import fleet, who
from console.screen import Screen, output

if TYPE_CHECKING:
    from storage.dead_letters import Summary


@click.command()
@click.argument("dead_letters", metavar="[ID]...", nargs=-1)
@conditions
@click.option("--because", required=True, help="Why; kept in the audit.")
@click.option("--release", is_flag=True, help="End the hold instead.")
@click.option("--dry-run", is_flag=True, help="Only say how many.")
@click.option("--yes", is_flag=True, help="Do not ask.")
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
    dry_run: bool,
    yes: bool,
    **chosen: Any,
) -> None:
    """Put dead letters under legal hold: they are kept for ever, whatever their state."""
    if not dead_letters and not any(chosen.values()):
        raise click.UsageError("Say which: ids, or a filter as --provider jellyfin.")
    filter_ = filter_from(chosen, dead_letters)
    with fleet() as admin:
        found = admin.dead_letters
        groups = found.counts(filter_)
        if dry_run:
            show_counts(screen, groups)
            return
        letters = sum(group.letters for group in groups)
        question = f"{'End the hold of' if release else 'Hold'} {letters:,} dead letters?"
        agree(question, changes=letters, yes=yes, as_json=screen.as_json)

        def decide(letter: "Summary") -> None:
            found.hold(letter.id, letter.version, who=who(), reason=because, release=release)

        wanted = named(found, filter_) if filter_.ids else matching(found, filter_)
        # Those that are held already need no second decision.
        undecided = (letter for letter in wanted if letter.hold is release)
        context.exit(decide_each(screen, undecided, decide, "released" if release else "held"))
