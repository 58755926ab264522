"""What is done with the bytes of large files beside the thread that receives them: hashing, and making them durable."""

import hashlib
import os
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

_WORTH_A_THREAD_BYTES = 64 * 1024
_MOST_SYNCS = 8

Bytes = bytes | memoryview


class Beside:
    """Threads that every part of one downloader shares. Each begins when it is first needed, for a large file."""

    def __init__(self) -> None:
        self.hashing = ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="leeward-hash")
        # Threads of their own: a slow disk must not keep the hashes waiting.
        self.syncing = ThreadPoolExecutor(_MOST_SYNCS, thread_name_prefix="leeward-sync")

    def close(self) -> None:
        """Does not wait for what is under way."""
        for threads in (self.hashing, self.syncing):
            threads.shutdown(wait=False, cancel_futures=True)


class RunningHash:
    """The SHA-256 of a file while it comes. A large piece is hashed while the next one is received and written.

    A piece must stay as it is until the next call of `update` or `hexdigest` has returned. Not for several threads.
    """

    def __init__(self, beside: Beside) -> None:
        self._threads = beside.hashing
        self._hash = hashlib.sha256()
        self._last: Future[None] | None = None

    def update(self, piece: Bytes) -> None:
        self._wait()
        if len(piece) < _WORTH_A_THREAD_BYTES:
            self._hash.update(piece)
        else:
            self._last = self._threads.submit(self._hash.update, piece)

    def hexdigest(self) -> str:
        """Of all pieces so far."""
        self._wait()
        return self._hash.hexdigest()

    def _wait(self) -> None:
        last, self._last = self._last, None
        if last is not None:
            last.result()


class RunningSync:
    """Makes a file's bytes durable while more are written. Not for several threads.

    Args:
        sync: makes what is written so far durable; raises OSError.
    """

    def __init__(self, beside: Beside, sync: Callable[[], None]) -> None:
        self._threads = beside.syncing
        self._sync = sync
        self._running: tuple[Future[None], int] | None = None

    def begin(self, size: int) -> None:
        """Begins for a file of this size; nothing happens while an earlier one runs."""
        if self._running is None:
            self._running = (self._threads.submit(self._sync), size)

    def ended(self, *, wait: bool = False) -> int | None:
        """The size that is durable since the last call; None when nothing new is.

        Raises:
            OSError: the system refused.
        """
        if self._running is None or not (wait or self._running[0].done()):
            return None
        (done, size), self._running = self._running, None
        done.result()
        return size
