"""One performance: the stage, who watches, and what has been asked for so far."""

import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta

from console.cli.exit_code import Failed
from demo.accounting.orders import Orders
from demo.fleet_view import FleetView
from demo.log_reader import LogReader
from demo.pace import Pace
from demo.processes.environment import Environment
from demo.screen import DemoScreen

LIMIT = timedelta(seconds=90)
"""Longer than anything takes that goes well on a slow machine."""
POLL = timedelta(seconds=0.05)
RARELY = timedelta(seconds=0.25)
"""For questions that cost something."""


@dataclass(slots=True)
class Run:
    """What the scenes work with."""

    stage: Environment
    screen: DemoScreen
    pace: Pace
    watch: FleetView
    news: LogReader = field(default_factory=LogReader)
    orders: Orders = field(default_factory=Orders)
    _guards_due: float = 0.0

    def wait_until(
        self, is_so: Callable[[], bool], what: str, *, limit: timedelta = LIMIT, every: timedelta = POLL
    ) -> None:
        """Shows the fleet until it is so.

        Raises:
            Failed: it did not come about, or something that should run has ended.
        """
        deadline = time.monotonic() + limit.total_seconds()
        while not is_so():
            if time.monotonic() > deadline:
                raise Failed(
                    f"waited {limit.total_seconds():.0f} s for {what}; the end of the fleet's log: {self._log()}"
                )
            self.turn()
            time.sleep(every.total_seconds())

    def let_pass(self, span: timedelta) -> None:
        """Shows the fleet for as long."""
        end = time.monotonic() + span.total_seconds()
        self.wait_until(lambda: time.monotonic() >= end, "the time to pass", limit=span + LIMIT)

    def turn(self) -> None:
        """Prints the news and shows the fleet, if it is time.

        Raises:
            Failed: something that should run has ended.
        """
        for sentence in self.news.read(self.stage.fleet.news()):
            self.screen.say(sentence, style="yellow")
        for child in (self.stage.fleet.child, *(each.child for each in self.stage.simulators)):
            if child.returncode is not None:
                raise Failed(f"the {child.name} ended with exit code {child.returncode}: {child.last_words()}")
        if time.monotonic() >= self._guards_due:
            self._tell_of_guards()
        if self.screen.is_due:
            self.screen.show(self.watch.look(self.news.metrics_url, restarts=self.news.restarts))

    def _tell_of_guards(self) -> None:
        self._guards_due = time.monotonic() + RARELY.total_seconds()
        for provider, change in self.watch.new_transitions():
            self.screen.say(f"{provider}: {change.event.replace('_', '-')}, because {change.cause}", style="yellow")

    def run_command(self, *arguments: str) -> int:
        """Types a command of `leeward`, as a person would, and shows what it says."""
        self.screen.gap()
        self.screen.line(f"$ leeward {' '.join(arguments)}", style="bold cyan")
        done = self.stage.fleet.command(*arguments, capture=not self.screen.is_free)
        if done.stdout:
            self.screen.raw(done.stdout)
        return done.returncode

    def _log(self) -> str:
        return self.stage.fleet.child.last_words()


@contextmanager
def running(stage: Environment, screen: DemoScreen, pace: Pace) -> Iterator[Run]:
    with closing(FleetView(stage.admin)) as watch:
        yield Run(stage, screen, pace, watch)
