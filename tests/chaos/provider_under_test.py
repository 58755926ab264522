"""A provider that counts its callers while they are there, and can go down."""

import select
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress


class ProviderUnderTest:
    """Each call is a connection: a line with the caller's name, then `ok` after `seconds`; while it is down the connection is cut instead.
    Thread-safe.

    Attributes:
        peak: the most calls there were at once. A caller that is killed is gone with its connection.
        calls: how often each name called.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.down = False
        self.peak = 0
        self.calls: Counter[str] = Counter()
        self.succeeded: Counter[str] = Counter()
        self._active: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                caller, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(caller,), daemon=True).start()

    def _serve(self, caller: socket.socket) -> None:
        with self._lock:
            self._active.add(caller)
            self.peak = max(self.peak, len(self._active))
        try:
            with caller, suppress(OSError):
                self._answer(caller, caller.makefile("r").readline().strip())
        finally:
            self._is_gone(caller)

    def _answer(self, caller: socket.socket, name: str) -> None:
        with self._lock:
            self.calls[name] += 1
        end = time.monotonic() + self.seconds
        while (left := end - time.monotonic()) > 0:
            gone, _, _ = select.select([caller], [], [], left)
            if gone:
                return
        if self.down:
            return
        with self._lock:
            self.succeeded[name] += 1
        # Before it knows, so that the next caller never meets it here.
        self._is_gone(caller)
        caller.sendall(b"ok\n")

    def _is_gone(self, caller: socket.socket) -> None:
        with self._lock:
            self._active.discard(caller)


@contextmanager
def provider_under_test(*, seconds: float) -> Iterator[ProviderUnderTest]:
    provider = ProviderUnderTest(seconds)
    try:
        yield provider
    finally:
        provider.close()
