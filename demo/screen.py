"""The output: on a terminal a live table below the lines, elsewhere plain lines."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from rich import box
from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from console.cli.terminal.printable import printable
from demo.fleet_view import Look

REDRAW = timedelta(milliseconds=250)
PLAIN_EVERY = timedelta(seconds=3)


class DemoScreen:
    """Args:
    to_stderr: the answer on standard output is for a program.
    """

    def __init__(self, *, to_stderr: bool = False, clock: Callable[[], float] = time.monotonic) -> None:
        self.console = Console(stderr=to_stderr, highlight=False)
        self.is_live = self.console.is_terminal and not self.console.is_dumb_terminal and not to_stderr
        self._clock = clock
        self._started = clock()
        self._shown = clock()
        self._live: Live | None = None

    def scene(self, title: str) -> None:
        """A new part of the story."""
        self.gap()
        self._print(Text(f"== {title}", style="bold"))

    def say(self, text: str, *, style: str = "") -> None:
        """Something happened."""
        at = self._clock() - self._started
        self._print(Text.assemble((f"{at:5.1f} s  ", "dim"), (printable(text), style)))

    def gap(self) -> None:
        """An empty line."""
        self._print(Text())

    def line(self, text: str, *, style: str = "") -> None:
        """A line without a time."""
        self._print(Text(printable(text), style=style))

    def raw(self, text: str) -> None:
        """The output of another program, unchanged."""
        self._print(Text(text.rstrip("\n")))

    @property
    def is_free(self) -> bool:
        """Whether a command may write to the terminal itself: there is one, and no table stands on it."""
        return self.is_live and self._live is None

    @property
    def is_due(self) -> bool:
        """Whether it is time to show the fleet again."""
        every = REDRAW if self._live is not None else PLAIN_EVERY
        return self._clock() - self._shown >= every.total_seconds()

    def show(self, look: Look) -> None:
        """The fleet as it is now."""
        self._shown = self._clock()
        if self._live is not None:
            self._live.update(_table(look), refresh=True)
        else:
            self.say(_in_words(look), style="dim")

    @contextmanager
    def live(self) -> Iterator[None]:
        """While inside, the table is kept under the story, where there is a terminal for it."""
        if not self.is_live:
            yield
            return
        with Live(console=self.console, auto_refresh=False, transient=True) as table:
            self._live = table
            try:
                yield
            finally:
                self._live = None

    def _print(self, text: Text) -> None:
        self.console.print(text, soft_wrap=True)
        self.console.file.flush()


def _table(look: Look) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, caption=f"processes started again: {look.restarts}")
    table.add_column("queue")
    for name in ("ready", "scheduled", "running", "done", "retried", "dead"):
        table.add_column(name, justify="right")
    table.add_column("provider")
    for state in look.queues:
        table.add_row(
            state.queue,
            str(sum(state.ready.values())),
            str(state.scheduled),
            str(state.running),
            *(str(look.ended[state.queue, outcome]) for outcome in ("done", "retry", "dead")),
            _provider(look, state.provider),
        )
    return table


_STYLES = {"closed": "green", "half_open": "yellow", "open": "bold red"}


def _provider(look: Look, provider: str) -> Text:
    guards = look.guards[provider]
    limit = f", {guards.in_use} of {guards.limit} permits" if guards.limit else ""
    finding = look.health.get(provider)
    probe = "not probed yet" if finding is None else "healthy" if finding.healthy else "not healthy"
    state = Text(f"circuit {guards.state.replace('_', '-')}", style=_STYLES.get(guards.state, ""))
    return state.append(f"{limit}, last probe: {probe}", style="dim")


def _in_words(look: Look) -> str:
    parts = [
        f"{state.queue}: {sum(state.ready.values())} ready {state.scheduled} scheduled {state.running} running "
        f"{look.ended[state.queue, 'done']} done {look.ended[state.queue, 'dead']} dead"
        + ("" if look.guards[state.provider].state == "closed" else f" (circuit {look.guards[state.provider].state})")
        for state in look.queues
    ]
    return " | ".join(parts) or "no queue yet"
