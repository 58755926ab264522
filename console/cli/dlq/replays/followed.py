"""Seeing a replay to its end, with a progress bar on a terminal."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING
from uuid import UUID

from console.cli.dlq.replays.replay_output import tell_of_end
from console.cli.exit_code import ExitCode
from console.cli.fleet import who
from console.cli.terminal.printable import printable
from console.cli.terminal.screen import Screen

if TYPE_CHECKING:
    from leeward_admin import Progress, Replays

_BAR_WIDTH = 12
_BESIDE_CAUSE = 44
"""Characters: of the title, the bar, the numbers and the time; the cause has the rest of the line."""


def follow(screen: Screen, replays: "Replays", id_: UUID, *, until_enqueued: bool = False) -> ExitCode:
    """Runs it here, or watches the process that runs it, and reports the outcome. Ctrl-C pauses it."""
    try:
        with (
            _bar(screen) as show,
            closing(replays.follow(id_, until_enqueued=until_enqueued)) as looks,
        ):
            for progress in looks:
                show(progress)
    except KeyboardInterrupt:
        return _interrupted(screen, replays, id_)
    return tell_of_end(screen, replays, id_)


def _interrupted(screen: Screen, replays: "Replays", id_: UUID) -> ExitCode:
    from leeward_admin import ImpossibleReplayStep

    try:
        replays.pause(id_, who=who())
    except ImpossibleReplayStep:
        # It has ended just so.
        return tell_of_end(screen, replays, id_)
    tell_of_end(screen, replays, id_)
    screen.remark(f"Paused. `leeward dlq resume {id_}` continues it, `leeward dlq cancel {id_}` ends it for good.")
    return ExitCode.INTERRUPTED


@contextmanager
def _bar(screen: Screen) -> "Iterator[Callable[[Progress], None]]":
    if not screen.is_for_people:
        yield lambda _progress: None
        return
    from rich import progress as bars
    from rich.console import Console

    columns = (
        "Replaying",
        bars.BarColumn(bar_width=_BAR_WIDTH),
        bars.MofNCompleteColumn(),
        bars.TimeRemainingColumn(),
        bars.TextColumn("{task.description}", markup=False),
    )
    with bars.Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)

        def show(progress: "Progress") -> None:
            counts = {outcome.value: items for outcome, items in progress.counts.items()}
            waiting = counts["pending"] + counts["claimed"]
            description = f"{counts['done']:,} done, {counts['dead_again']:,} died again"
            if progress.replay.cause:
                description = printable(progress.replay.cause, limit=max(screen.width - _BESIDE_CAUSE, _BAR_WIDTH))
            total = progress.replay.letters
            bar.update(task, total=total, completed=total - waiting, description=description)

        yield show
