"""What a replay says: its plan before, what it is when it is made, its items and their sum at the end."""

from typing import TYPE_CHECKING, Any
from uuid import UUID

from console.dlq.documents import group_document
from console.dlq.replay_documents import item_document, replay_document
from console.exit_code import ExitCode
from console.screen import Screen

if TYPE_CHECKING:
    from storage.replays.stored import Item, Replay
    from workers.admin_replays import Progress, Replays
    from workers.replay.plan import Plan

MOST_ON_SCREEN = 50
"""Items that did well which a terminal shows one by one; the others are shown whatever the number."""
_UNEVENTFUL = ("pending", "claimed", "queued", "done")


def show_plan(screen: Screen, plan: "Plan") -> None:
    """The dry run's answer."""
    refused = sum(plan.refused.values())
    if screen.as_json:
        screen.document(
            {
                "would_replay": plan.letters,
                "groups": [group_document(group) for group in plan.groups],
                "would_refuse": refused,
                "refusals": [{"why": why, "letters": letters} for why, letters in plan.refused.items()],
                "held_back": plan.held_back,
            }
        )
        return
    screen.table(("provider", "actor", "reason", "would replay"), plan.groups)
    screen.line(f"{plan.letters:,} would be replayed.")
    if refused:
        screen.line(f"{refused:,} would be refused:")
        for why, letters in plan.refused.items():
            screen.line(f"  {letters:,} because {why}")
    told_held_back(screen, plan.held_back)


def told_held_back(screen: Screen, letters: int) -> None:
    """Says what was left alone, and what to do about it."""
    from storage.replays.selection import HELD_BACK

    if letters and not screen.as_json:
        screen.remark(f"{letters:,} left alone: {HELD_BACK}")


def tell_of_creation(screen: Screen, replay: "Replay", held_back: int) -> None:
    """The first thing that is said of a new replay: its id."""
    if screen.as_json:
        screen.record(replay_document(replay) | {"held_back": held_back})
        return
    next_step = f"`leeward dlq resume {replay.id}` starts it" if replay.state.value == "planned" else "Ctrl-C pauses it"
    screen.remark(
        f"Replay {replay.id} holds {replay.letters:,} dead letters; `leeward dlq replays {replay.id}` shows it, {next_step}."
    )
    told_held_back(screen, held_back)


def tell_of_end(screen: Screen, replays: "Replays", id_: UUID) -> ExitCode:
    """Every item, then the sum. The exit code says whether all went well."""
    quiet = MOST_ON_SCREEN
    for item in replays.every_item(id_):
        if screen.as_json:
            screen.record(item_document(item))
        elif item.outcome.value not in _UNEVENTFUL or quiet or not screen.is_for_people:
            quiet -= item.outcome.value in _UNEVENTFUL
            show_item(screen, item)
    progress = replays.get(id_)
    _sum_up(screen, progress)
    return verdict(progress)


def show_item(screen: Screen, item: "Item") -> None:
    """One line."""
    screen.row(item.dead_letter_id, item.outcome.value, item.job_id, item.why or item.successor)


def verdict(progress: "Progress") -> ExitCode:
    """Whether a replay went as whoever asked for it wished."""
    numbers = {outcome.value: items for outcome, items in progress.counts.items()}
    if progress.replay.state.value in {"paused", "cancelled"}:
        return ExitCode.CONFLICT
    went_wrong = progress.replay.state.value == "stopped" or numbers["refused"] or numbers["dead_again"]
    return ExitCode.FAILED if went_wrong else ExitCode.OK


def _sum_up(screen: Screen, progress: "Progress") -> None:
    numbers: dict[str, Any] = {outcome.value: items for outcome, items in progress.counts.items()}
    replay = progress.replay
    if screen.as_json:
        screen.record(
            {"summary": numbers, "replay": str(replay.id), "state": replay.state.value, "cause": replay.cause}
        )
        return
    said = ", ".join(f"{items:,} {name.replace('_', ' ')}" for name, items in numbers.items() if items)
    because = f": {replay.cause}" if replay.cause else ""
    screen.remark(f"{said or 'nothing'}. The replay is {replay.state.value}{because}.")
    if replay.state.value == "stopped":
        screen.remark(f"When the cause is mended, `leeward dlq resume {replay.id}` goes on with a new canary.")
