"""A supervised embedded server. It has been started before the supervisor runs, because migrations need it first."""

from typing import Protocol

import structlog

from leeward.embedded.directory_lock import DirectoryInUse
from leeward.embedded.server_process import ServerDidNotStart
from workers.supervisor.restarts import Restarts

log = structlog.get_logger(__name__)


class Server(Protocol):
    """What `EmbeddedValkey` and `EmbeddedPostgres` have in common."""

    @property
    def pid(self) -> int | None: ...

    def start(self) -> None: ...

    def stop(self) -> None: ...

    def kill(self) -> None: ...


class ServerChild:
    """Comes back on the same data and port, so that those who use it only have to connect again."""

    was_ready = True

    def __init__(self, name: str, server: Server, restarts: Restarts) -> None:
        self._name = name
        self._server = server
        self._restarts = restarts
        self._restarts.note_start()

    @property
    def due(self) -> float | None:
        return self._restarts.due

    @property
    def is_running(self) -> bool:
        return self._server.pid is not None

    def tend(self) -> None:
        if self.due is None and not self.is_running:
            self._restarts.note_end()
        if self._restarts.is_due:
            self._start()

    def terminate(self) -> None:
        """Returns when it has ended."""
        log.info("process_stopping", process=self._name, pid=self._server.pid)
        self._server.stop()

    def kill(self) -> None:
        self._server.kill()

    def _start(self) -> None:
        try:
            self._server.start()
        except (ServerDidNotStart, DirectoryInUse, OSError):
            log.exception("process_not_started", process=self._name)
            self._restarts.note_failed_start()
        else:
            self._restarts.note_start()
            log.info("process_started", process=self._name, pid=self._server.pid)
