"""A host on loopback whose every byte a test decides."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator

Talk = Callable[[socket.socket], None]
"""One connection, from its beginning. It is closed afterwards."""


class RawHost:
    """Accepts connections and lets each be talked to in a thread of its own. Counts them."""

    def __init__(self, talk: Talk) -> None:
        self._talk = talk
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = []
        self._ended = threading.Event()
        self.connections = 0

    @property
    def port(self) -> int:
        return int(self._listener.getsockname()[1])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        threading.Thread(target=self._accept, daemon=True).start()

    def stop(self) -> None:
        """Ends the listener, and connections in the middle of their talk."""
        self._ended.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in self._open:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def drip(self, connection: socket.socket, piece: bytes, *, times: int = 1000) -> None:
        """Sends the same bytes again and again, a little later each time, until the other end has had enough."""
        for _ in range(times):
            connection.sendall(piece)
            if self._ended.wait(0.02):
                return

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._open.append(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError), connection:
            self._talk(connection)


@contextlib.contextmanager
def raw_host(talk: Talk) -> Iterator[RawHost]:
    host = RawHost(talk)
    host.start()
    try:
        yield host
    finally:
        host.stop()


def read_request(connection: socket.socket) -> bytes:
    """The head of one request with its body; empty when the other end has hung up."""
    received = b""
    while b"\r\n\r\n" not in received:
        more = connection.recv(65536)
        if not more:
            return b""
        received += more
    head, _, body = received.partition(b"\r\n\r\n")
    length = next((int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0)
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


def answering(said: bytes) -> Talk:
    """Answers every request on a connection with these bytes, then ends it."""

    def talk(connection: socket.socket) -> None:
        if read_request(connection):
            connection.sendall(said)

    return talk
