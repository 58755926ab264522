"""`leeward dlq replay`."""

from collections import Counter
from typing import TYPE_CHECKING, Any

import click

from console.dlq.agreement import agree
from console.dlq.conditions import conditions, filter_from
from console.dlq.replay_told import Told, show_plan
from console.exit_code import ExitCode, Failed
from console.fleet import fleet, who
from console.screen import Screen, output

if TYPE_CHECKING:
    from workers.admin_dead_letters import DeadLetters
    from workers.replay_selection import Selection


@click.command()
@click.argument("dead_letters", metavar="[ID]...", nargs=-1)
@conditions
@click.option("--include-unknown", is_flag=True, help="Also unknown_outcome ones: their effect may have happened.")
@click.option("--limit", type=click.IntRange(min=1), help="Only so many, the oldest.")
@click.option("--note", default="", help="Why; kept in the audit.")
@click.option("--dry-run", is_flag=True, help="Only say what would be done.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@output
@click.pass_context
def replay(
    context: click.Context,
    /,
    screen: Screen,
    *,
    dead_letters: tuple[str, ...],
    include_unknown: bool,
    limit: int | None,
    note: str,
    dry_run: bool,
    yes: bool,
    **chosen: Any,
) -> None:
    """Try dead jobs again: as new jobs in the lane `bulk`, with the same idempotency keys and no attempts spent.

    Dead letters whose outcome is unknown are left alone unless named by id or with --include-unknown: their effect may have
    happened, so look at the provider first. After Ctrl-C or a crash the same command goes on; nothing is enqueued twice.
    """
    if not (dead_letters or include_unknown or any(chosen.values())):
        raise click.UsageError("Say which: ids, or a filter as --reason exhausted --provider jellyfin.")
    from workers.replay_selection import Selection

    selection = Selection(filter_from(chosen, dead_letters), include_unknown=include_unknown)
    with fleet() as admin:
        _named_ones_exist(admin.dead_letters, selection)
        if dry_run:
            show_plan(screen, admin.dead_letters.plan(selection))
            return
        admin.dead_letters.drain()
        plan = admin.dead_letters.plan(selection)
        letters = min(plan.letters, limit or plan.letters)
        agree(f"Replay {letters:,} dead letters?", changes=letters, yes=yes, as_json=screen.as_json)
        items = admin.dead_letters.replay(selection, who=who(), note=note, limit=limit)
        with Told(screen, total=letters, held_back=plan.held_back) as told:
            told.all_of(items)
    context.exit(_verdict(selection, told.counts))


def _named_ones_exist(found: "DeadLetters", selection: "Selection") -> None:
    """Raises: UnknownDeadLetter: an id that was named is none."""
    for id_ in selection.filter.ids:
        found.get(id_)


def _verdict(selection: "Selection", counts: Counter[str]) -> ExitCode:
    if counts["refused"]:
        return ExitCode.FAILED
    if selection.filter.ids and not counts:
        raise Failed("nothing to replay: what was named is not failed or reviewing any more", ExitCode.CONFLICT)
    return ExitCode.OK
