"""A bar on a terminal that says how far a long command is."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def advancing(title: str, total: int | None) -> Iterator[Callable[[], object]]:
    """Shows the bar while it is entered; call what it gives for each step. Without a total it only counts."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

    bar = Progress(
        title, BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), console=Console(stderr=True), transient=True
    )
    with bar:
        task = bar.add_task("", total=total)
        yield lambda: bar.advance(task)
