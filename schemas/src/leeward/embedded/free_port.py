"""A TCP port on loopback that a server can keep over a restart."""

import random
import socket

LOOPBACK = "127.0.0.1"
_ATTEMPTS = 200
# Below Linux's range for outgoing connections (from 32768): none of those can take the port while its server restarts.
_RANGE = range(20_000, 32_000)


def free_port() -> int:
    """A port that is free at the moment; another process may be faster, so be ready to ask again.

    Raises:
        OSError: no free port was found.
    """
    for _ in range(_ATTEMPTS):
        port = random.choice(_RANGE)
        if _is_free(port):
            return port
    raise OSError(f"No free port on {LOOPBACK} between {_RANGE.start} and {_RANGE.stop}.")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True
