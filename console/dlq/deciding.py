"""Deciding about many dead letters: one at a time, each on the version that was just read."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from console.exit_code import ExitCode
from console.screen import Screen

if TYPE_CHECKING:
    from storage.dead_letters import Filter, Summary
    from workers.admin_dead_letters import DeadLetters

_PAGE = 200


def named(found: "DeadLetters", filter_: "Filter") -> "Iterator[Summary]":
    """Those whose ids the filter gives.

    Raises:
        UnknownDeadLetter: at the first that is not there.
    """
    for id_ in filter_.ids:
        yield found.get(id_)[0]


def matching(found: "DeadLetters", filter_: "Filter") -> "Iterator[Summary]":
    """All that match, the newest first."""
    page = found.page(filter_, limit=_PAGE)
    yield from page.rows
    while page.after:
        page = found.page(filter_, limit=_PAGE, after=page.after)
        yield from page.rows


def decide_each(
    screen: Screen, wanted: "Iterator[Summary]", decide: "Callable[[Summary], object]", outcome: str
) -> ExitCode:
    """What somebody else has changed since it was read is left alone and told; then the exit code is that of a conflict.

    Args:
        screen: where each is told.
        wanted: the dead letters.
        decide: makes the decision on the version that it is given.
        outcome: what has then happened, as `discarded`.
    """
    from storage.dead_letters import Conflict, ImpossibleStep

    decided = conflicts = 0
    for letter in wanted:
        told: dict[str, Any] = {"id": str(letter.id), "outcome": outcome}
        try:
            decide(letter)
            decided += 1
        except (Conflict, ImpossibleStep) as error:
            conflicts += 1
            told |= {"outcome": "conflict", "error": str(error)}
        if screen.as_json:
            screen.record(told)
        elif "error" in told:
            screen.remark(f"{letter.id}: {told['error']}")
    if not screen.as_json:
        screen.line(f"{decided:,} {outcome}.")
    return ExitCode.CONFLICT if conflicts else ExitCode.OK
