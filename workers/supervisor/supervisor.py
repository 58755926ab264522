"""The loop that keeps processes running until it is asked to stop."""

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from types import MappingProxyType

import structlog

from workers.supervisor.backoff import Backoff
from workers.supervisor.child import Child
from workers.supervisor.restarts import Restarts
from workers.supervisor.server_child import Server, ServerChild
from workers.supervisor.signals import Signals
from workers.supervisor.spec import ProcessSpec
from workers.supervisor.supervised import Supervised

DEFAULT_DRAIN = timedelta(seconds=30)
_READINESS_POLL_SECONDS = 0.05
_KILL_AT = 2  # stop signals

log = structlog.get_logger(__name__)


class Supervisor:
    """Starts processes in order, restarts each one that ends, and stops them in reverse. One use, in the main thread.

    The first SIGTERM or SIGINT stops them one after the other, the last one first: SIGTERM, `drain` for each to finish
    its work, then SIGKILL. A second signal kills all that are left at once. When it is killed itself, the kernel sends
    them SIGTERM.
    """

    def __init__(
        self,
        specs: Sequence[ProcessSpec],
        *,
        servers: Mapping[str, Server] = MappingProxyType({}),
        backoff: Backoff | None = None,
        drain: timedelta = DEFAULT_DRAIN,
        together: bool = False,
        on_running: Callable[[], None] = lambda: None,
        on_end: Callable[[], None] = lambda: None,
    ) -> None:
        """`servers` are embedded servers that run already: kept running beside the processes, and stopped after all of them.
        With `together` the processes are asked to stop at the same time and share one `drain`: for processes that do the same
        work, where the last one would otherwise take new jobs while the others drain.
        `on_running` is called once, when every process has been started and has been ready, `on_end` after each end of a process that
        is going to be started again; neither may raise.

        Raises:
            ValueError: two processes have one name.
        """
        names = [*servers, *(spec.name for spec in specs)]
        if len(set(names)) != len(names):
            raise ValueError(f"Every process needs a name of its own, but these were given: {', '.join(names)}.")
        backoff = backoff or Backoff()
        self._servers: list[Supervised] = [
            ServerChild(name, server, Restarts(name, backoff)) for name, server in servers.items()
        ]
        self._processes: list[Supervised] = [Child(spec, Restarts(spec.name, backoff), on_end) for spec in specs]
        self._children = [*self._servers, *self._processes]
        self._drain = drain
        self._together = together
        self._on_running = on_running

    def run(self) -> None:
        """Returns when a signal has stopped all processes.

        Raises:
            CannotStart: a command does not exist or may not be run; the others have been stopped.
            CannotRun: one says that it never can run; the others have been stopped.
        """
        with Signals() as signals:
            try:
                self._keep_running(signals)
            finally:
                self._stop(signals)

    def _keep_running(self, signals: Signals) -> None:
        announced = False
        while not signals.stops:
            self._tend()
            if not announced and all(child.was_ready for child in self._children):
                announced = True
                self._on_running()
            signals.wait(self._seconds_to_next_step())

    def _tend(self) -> None:
        for child in self._children:
            child.tend()
            if not child.was_ready:  # the ones after it are not started before it is ready
                return

    def _seconds_to_next_step(self) -> float | None:
        if not all(child.was_ready for child in self._children):
            return _READINESS_POLL_SECONDS
        now = time.monotonic()
        return min((max(child.due - now, 0) for child in self._children if child.due is not None), default=None)

    def _stop(self, signals: Signals) -> None:
        for wave in self._waves():
            self._stop_wave(wave, signals)
        log.info("all_processes_stopped")

    def _waves(self) -> list[list[Supervised]]:
        """Those that are stopped at the same time, in order."""
        processes = (
            [list(reversed(self._processes))] if self._together else [[one] for one in reversed(self._processes)]
        )
        return [*processes, *([server] for server in reversed(self._servers))]

    def _stop_wave(self, wave: list[Supervised], signals: Signals) -> None:
        for child in wave:
            child.terminate()
        deadline = time.monotonic() + self._drain.total_seconds()
        while any(child.is_running for child in wave) and signals.stops < _KILL_AT and time.monotonic() < deadline:
            signals.wait(max(deadline - time.monotonic(), 0))
        for child in wave:
            if child.is_running:
                child.kill()
