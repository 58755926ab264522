"""What a worker thread leaves behind is closed by the thread itself."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import dramatiq
from dramatiq.middleware import Middleware

if TYPE_CHECKING:
    from dramatiq.worker import WorkerThread


class ThreadEnd(Middleware):
    """Calls each function in every worker thread that ends, as for its mail connection. Failure stance: Dramatiq logs what fails."""

    def __init__(self, closers: Sequence[Callable[[], None]]) -> None:
        self._closers = closers

    def before_worker_thread_shutdown(self, broker: dramatiq.Broker, thread: "WorkerThread") -> None:
        for close in self._closers:
            close()
