"""What a replay says: its plan before, what it is when it is made, its items and their sum at the end."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict
from typing import TYPE_CHECKING
from uuid import UUID

from console.cli.commands import with_hint
from console.cli.dlq.documents import group_document
from console.cli.dlq.replays.documents import counts_document, counts_text, item_document, replay_document
from console.cli.exit_code import ExitCode
from console.cli.terminal.screen import Screen
from console.cli.terminal.tables.short_id import short_ids

if TYPE_CHECKING:
    from leeward_admin import Item, Plan, Progress, Replay, Replays, Rules, Trial

MOST_ON_SCREEN = 20
"""Items which a terminal shows one by one: this many successful ones, and this many others."""
_HELD_BACK = (
    "the effect of an unknown_outcome job may have happened: check at the provider first,"
    " then replay it by id, or all of them with --include-unknown"
)
_EXIT_CODES = {"well": ExitCode.OK, "wrong": ExitCode.FAILED, "halted": ExitCode.CONFLICT}
_UNEVENTFUL = ("claimed", "queued", "done")
_OUTCOME_WIDTH = len("dead_again")


def show_plan(screen: Screen, plan: "Plan", rules: "Rules") -> None:
    """The dry run's answer: what would be done, and how."""
    refused = sum(plan.refused.values())
    if screen.as_json:
        screen.document(
            {
                "would_replay": plan.letters,
                "groups": [group_document(group) for group in plan.groups],
                "would_refuse": refused,
                "refusals": [{"why": why, "letters": letters} for why, letters in plan.refused.items()],
                "held_back": plan.held_back,
                "rules": rules.document(),
            }
        )
        return
    screen.table(("provider", "actor", "reason", "would replay"), plan.groups)
    screen.line(f"{plan.letters:,} would be replayed{_pace(plan.letters, rules)}.")
    if refused:
        screen.line(f"{refused:,} would be refused:")
        for why, letters in plan.refused.items():
            screen.line(f"  {letters:,} because {why}")
    show_held_back(screen, plan.held_back)
    if plan.letters:
        screen.remark("Nothing was done: the same command without --dry-run does it.")


def _pace(letters: int, rules: "Rules") -> str:
    first = min(rules.canary, letters)
    parts = [f"{first:,} alone first, the others when they are done"] if first else []
    if rules.per_second:
        parts.append(f"{rules.per_second:g} a second at most")
    if rules.per_second_each:
        parts.append(f"{rules.per_second_each:g} a second at most for each provider")
    return f": {'; '.join(parts)}" if letters and parts else ""


def canary_text(rules: "Rules", trial: "Trial") -> str:
    """How a replay's canary does; nothing for a replay without."""
    if not rules.canary:
        return ""
    died = f", {trial.dead_again:,} died again" if trial.dead_again else ""
    return f"{trial.done:,} of {rules.canary:,} done{died}"


def show_held_back(screen: Screen, letters: int) -> None:
    """Says what was left alone, and what to do about it."""
    if letters and not screen.as_json:
        screen.remark(f"{letters:,} left alone: {_HELD_BACK}")


def tell_of_creation(screen: Screen, replay: "Replay", held_back: int) -> None:
    """The first thing that is said of a new replay: its id."""
    if screen.as_json:
        screen.record(replay_document(replay) | {"held_back": held_back})
        return
    next_step = f"`leeward dlq resume {replay.id}` starts it" if replay.state.value == "planned" else "Ctrl-C pauses it"
    screen.remark(
        f"Replay {replay.id} has {replay.letters:,} dead letters; `leeward dlq replays {replay.id}` shows it, {next_step}."
    )
    show_held_back(screen, held_back)


def tell_of_end(screen: Screen, replays: "Replays", id_: UUID) -> ExitCode:
    """Every item, then the sum. The exit code says whether all went well."""
    refused = _tell_items(screen, replays, id_)
    progress = replays.get(id_)
    if not screen.as_json:
        _show_refusals(screen, replays, refused)
    _sum_up(screen, progress, replays.canary(progress.replay))
    return _EXIT_CODES[progress.verdict.value]


def _tell_items(screen: Screen, replays: "Replays", id_: UUID) -> "dict[str, tuple[int, Item]]":
    """Returns how many were refused and the first of them, by why."""
    refused: dict[str, tuple[int, Item]] = {}
    shown: Counter[bool] = Counter()
    listed: list[Item] = []
    hidden = 0
    for item in replays.every_item(id_):
        outcome, went_well = item.outcome.value, item.outcome.value in _UNEVENTFUL
        if outcome == "refused":
            why = item.why or "reason unknown"
            number, first = refused.get(why, (0, item))
            refused[why] = number + 1, first
        if screen.as_json:
            screen.record(item_document(item))
        elif not screen.is_for_people:
            show_items(screen, [item])
        elif outcome == "pending" or shown[went_well] >= MOST_ON_SCREEN:
            hidden += 1
        else:
            listed.append(item)
            shown[went_well] += 1
    show_items(screen, listed)
    if hidden:
        screen.remark(f"{hidden:,} more are not shown; `leeward dlq replays {id_}` lists all, in pages.")
    return refused


def show_items(screen: Screen, items: "Iterable[Item]") -> None:
    """One line each; for people with ids as short as commands take them."""
    if not screen.is_for_people:
        for item in items:
            screen.row(item.dead_letter_id, item.outcome.value, item.job_id, item.why or item.successor)
        return
    shown = list(items)
    short = short_ids(str(id_) for item in shown for id_ in (item.dead_letter_id, item.job_id, item.successor) if id_)
    for item in shown:
        letter, job, successor = (short.get(str(id_)) for id_ in (item.dead_letter_id, item.job_id, item.successor))
        screen.row(letter, item.outcome.value.ljust(_OUTCOME_WIDTH), job, item.why or successor)


def _show_refusals(screen: Screen, replays: "Replays", refused: "dict[str, tuple[int, Item]]") -> None:
    """How many for each reason, the most frequent first; and what can be done, where it is one dead letter."""
    for why, (items, first) in sorted(refused.items(), key=lambda each: -each[1][0]):
        steps = replays.next_steps(first)[:1] if items == 1 else ()
        screen.remark(with_hint(f"{items:,} refused because {why}", steps))


def _sum_up(screen: Screen, progress: "Progress", trial: "Trial") -> None:
    replay = progress.replay
    if screen.as_json:
        last = {"summary": counts_document(progress.counts), "replay": str(replay.id), "state": replay.state.value}
        screen.record(last | {"cause": replay.cause, "canary": asdict(trial)})
        return
    canary = canary_text(replay.rules, trial)
    because = f": {replay.cause}" if replay.cause else ""
    said = f"{counts_text(progress.counts) or 'nothing'}{f' (canary: {canary})' if canary else ''}"
    screen.remark(f"{said}. The replay is {replay.state.value}{because}.")
    if replay.state.value == "stopped":
        screen.remark(f"When the cause is fixed, `leeward dlq resume {replay.id}` continues it with a new canary.")
