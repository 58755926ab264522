"""A server that says what it is told to, whatever it is asked."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

Script = Callable[[socket.socket], None]


@contextmanager
def playing(script: Script) -> Iterator[int]:
    """Plays the script to everybody who connects; its port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            with suppress(OSError):
                while True:
                    connection, _ = listener.accept()
                    threading.Thread(target=play, args=(connection,), daemon=True).start()

        def play(connection: socket.socket) -> None:
            with connection, suppress(OSError):
                script(connection)

        threading.Thread(target=serve, daemon=True).start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)


def saying(*replies: bytes) -> Script:
    """The greeting, then one reply for each line that comes; then it hangs up."""

    def script(connection: socket.socket) -> None:
        lines = connection.makefile("rb")
        for reply in replies:
            connection.sendall(reply)
            if not lines.readline():
                return

    return script
