"""What a replay says: its plan before, each item as it goes, the sum at the end."""

from collections import Counter
from collections.abc import Generator
from contextlib import ExitStack, closing
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Self

from console.dlq.documents import group_document, plain
from console.screen import Screen

if TYPE_CHECKING:
    from workers.replay import Replayed
    from workers.replay_selection import Plan

MOST_ON_SCREEN = 50
"""Queued items that a terminal shows one by one; what was refused is shown whatever the number."""


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
    _held_back(screen, plan.held_back)


class Told:
    """Tells the items of a run as they come, with a progress bar on a terminal. Use with `with`.

    Attributes:
        counts: how many ended how, so far.
    """

    def __init__(self, screen: Screen, *, total: int, held_back: int) -> None:
        self.counts: Counter[str] = Counter()
        self._screen = screen
        self._total = total
        self._held_back = held_back
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._stack.close()
        if kind is None or issubclass(kind, KeyboardInterrupt):
            self._sum_up()
        if kind is not None:
            self._screen.remark(
                "Not finished. The same command goes on where this one ended; nothing is enqueued twice."
            )

    def all_of(self, items: "Generator[Replayed]") -> None:
        """Takes and tells every item."""
        advance = _progress(self._stack, self._total) if self._screen.is_for_people else None
        with closing(items):
            for item in items:
                self._one(item)
                if advance:
                    advance()

    def _one(self, item: "Replayed") -> None:
        self.counts[item.ending.value] += 1
        if self._screen.as_json:
            self._screen.record(_document(item))
        elif item.ending.value != "queued" or self.counts["queued"] <= MOST_ON_SCREEN or not self._screen.is_for_people:
            self._screen.row(item.dead_letter_id, item.ending.value, item.job_id, item.why)

    def _sum_up(self) -> None:
        numbers = {name: self.counts[name] for name in ("queued", "duplicate", "refused")}
        if self._screen.as_json:
            self._screen.record({"summary": numbers | {"held_back": self._held_back}})
            return
        self._screen.remark(", ".join(f"{count:,} {name}" for name, count in numbers.items()) + ".")
        if self.counts["queued"]:
            self._screen.remark("`leeward dlq show ID` tells whether a job was done or died again.")
        _held_back(self._screen, self._held_back)


def _held_back(screen: Screen, letters: int) -> None:
    from workers.replay_selection import HELD_BACK

    if letters and not screen.as_json:
        screen.remark(f"{letters:,} left alone: {HELD_BACK}")


def _document(item: "Replayed") -> dict[str, Any]:
    found = {name: plain(value) for name, value in asdict(item).items()}
    return {"id": found.pop("dead_letter_id"), "outcome": found.pop("ending").value} | found


def _progress(stack: ExitStack, total: int) -> Any:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

    progress = Progress(
        "Replaying",
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    )
    task = stack.enter_context(progress).add_task("", total=total)
    return lambda: progress.advance(task)
