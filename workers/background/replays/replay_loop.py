"""The part of a worker host that runs replays which no other process runs."""

import threading
import time
from datetime import timedelta
from uuid import UUID

import structlog

from broker.threads.vital_thread import VitalThread
from storage.database.pooler import require_own_session
from storage.replays.counters import adoptable
from workers.background.replays.run import AWAY, Fleet, run
from workers.background.replays.self_drain import SelfDrain

_log = structlog.get_logger(__name__)

LOOK = timedelta(seconds=1)
MOST = 8
"""Replays that one host runs at once; other hosts take others."""


class ReplayLoop(VitalThread):
    """A thread that looks for replays without a runner and runs each in a thread of its own. Any number, on any hosts, double nothing.

    Failure stance: while a server cannot be reached, or a pass fails in another way, it tries again later.

    Args:
        fleet: what replays are run with; its engine lends `MOST` connections for as long as replays run, and one more.
        self_drain: makes replays by itself, where the configuration wants that.
    """

    def __init__(self, fleet: Fleet, self_drain: SelfDrain | None = None) -> None:
        super().__init__("leeward-replays")
        self._fleet = fleet
        self._self_drain = self_drain
        self._running: dict[UUID, threading.Thread] = {}
        self._is_away = False

    def stop(self, timeout: timedelta | None = None) -> bool:
        """Lets every batch at hand finish, and starts no other. Returns whether all threads have ended in time."""
        self.ask_to_stop()
        deadline = None if timeout is None else time.monotonic() + timeout.total_seconds()
        threads = [thread for thread in (self, *self._running.values()) if thread.is_alive()]
        for thread in threads:
            thread.join(None if deadline is None else max(0, deadline - time.monotonic()))
        return not any(thread.is_alive() for thread in threads)

    def serve(self) -> None:
        while not self.is_stopping:
            try:
                self._look()
                self._is_away = False
            except Exception as error:
                # Whatever it is: the jobs of this host do not depend on replays.
                if not self._is_away:
                    _log.warning(
                        "replays_not_looked_for",
                        error=f"{type(error).__name__}: {error}",
                        exc_info=not isinstance(error, AWAY),
                    )
                self._is_away = True
            self.rest(LOOK.total_seconds())

    def _look(self) -> None:
        self._running = {id_: thread for id_, thread in self._running.items() if thread.is_alive()}
        require_own_session(self._fleet.engine, "replays")
        if self._self_drain is not None:
            self._self_drain.look()
        with self._fleet.engine.connect() as connection:
            found = adoptable(connection)
        for id_ in found:
            if id_ not in self._running and len(self._running) < MOST:
                self._adopt(id_)

    def _adopt(self, id_: UUID) -> None:
        thread = threading.Thread(
            target=run, args=(self._fleet, id_, self._stopping), name=f"replay {id_}", daemon=True
        )
        self._running[id_] = thread
        thread.start()
