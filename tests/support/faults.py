"""A network that misbehaves on request: a TCP proxy in front of a server."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit, urlunsplit

BUFFER = 65536
LOOPBACK = "127.0.0.1"


class FaultyProxy:
    """Passes everything on until told otherwise. Thread-safe."""

    def __init__(self, url: str) -> None:
        """`url` is the server's; ours is `FaultyProxy.url`."""
        self._target = urlsplit(url)
        self._listener = socket.create_server((LOOPBACK, 0))
        self._lock = threading.Lock()
        self._pairs: set[tuple[socket.socket, socket.socket]] = set()
        self._awaited: list[bytes] = []
        self._swallowing: set[socket.socket] = set()
        self._forgotten: set[socket.socket] = set()
        self._flowing = threading.Event()
        self._flowing.set()
        self._closed = False
        self.swallowed = 0
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        port = self._listener.getsockname()[1]
        credentials = self._target.netloc.rpartition("@")[0]
        return urlunsplit(self._target._replace(netloc=f"{credentials}@{LOOPBACK}:{port}"))

    def lose_reply_to(self, request: bytes) -> None:
        """The next request with these bytes reaches the server; its answer is lost and the connection is cut."""
        with self._lock:
            self._awaited.append(request)

    def cut(self) -> None:
        """Every connection breaks at once, in whatever it is doing."""
        with self._lock:
            pairs, self._pairs = self._pairs, set()
        for pair in pairs:
            _close(*pair)

    def black_hole(self) -> None:
        """From now on nothing comes through and nobody is told."""
        self._flowing.clear()

    def heal(self) -> None:
        self._flowing.set()

    def forget_open_connections(self) -> None:
        """What is open now stays open and carries nothing any more; new connections work."""
        with self._lock:
            for pair in self._pairs:
                self._forgotten.update(pair)

    def lead_to(self, url: str) -> None:
        """From now on new connections go to another server; what is open stays with the one that it has."""
        self._target = urlsplit(url)

    def close(self) -> None:
        self._closed = True
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.heal()
        self.cut()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection((self._target.hostname, self._target.port), timeout=5)
            except OSError:
                _close(client)
                continue
            server.settimeout(None)
            with self._lock:
                self._pairs.add((client, server))
            for job in (self._requests, self._replies):
                threading.Thread(target=job, args=(client, server), daemon=True).start()

    def _requests(self, client: socket.socket, server: socket.socket) -> None:
        with suppress(OSError):
            while data := client.recv(BUFFER):
                self._flowing.wait()
                if client in self._forgotten:
                    continue
                self._note(data, server)
                server.sendall(data)
        self._drop(client, server)

    def _replies(self, client: socket.socket, server: socket.socket) -> None:
        with suppress(OSError):
            while data := server.recv(BUFFER):
                self._flowing.wait()
                if server in self._forgotten:
                    continue
                if server in self._swallowing:
                    self.swallowed += 1
                    break
                client.sendall(data)
        self._drop(client, server)

    def _note(self, data: bytes, server: socket.socket) -> None:
        with self._lock:
            for request in self._awaited:
                if request in data:
                    self._awaited.remove(request)
                    self._swallowing.add(server)
                    return

    def _drop(self, client: socket.socket, server: socket.socket) -> None:
        with self._lock:
            self._pairs.discard((client, server))
        _close(client, server)


def _close(*sockets: socket.socket) -> None:
    for one in sockets:
        with suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)
        one.close()


@contextmanager
def faulty_proxy(url: str) -> Iterator[FaultyProxy]:
    proxy = FaultyProxy(url)
    try:
        yield proxy
    finally:
        proxy.close()
