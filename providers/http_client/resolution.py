"""Host names to addresses, within a time limit: the system's resolver knows none."""

import socket
import threading
from collections.abc import Callable, Sequence
from ipaddress import ip_address

Resolver = Callable[[str, int], Sequence[str]]
"""The literal addresses of a host, best first. Raises `socket.gaierror`."""

_MOST_AT_ONCE = 64
_questions = threading.BoundedSemaphore(_MOST_AT_ONCE)


def resolve(host: str, port: int) -> Sequence[str]:
    """Asks the system's resolver. Numbers in any notation (`0x7f.1`, `2130706433`) come back as plain addresses too."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(sockaddr[0]) for *_, sockaddr in found))


def resolve_within(resolver: Resolver, host: str, port: int, seconds: float) -> Sequence[str]:
    """The resolver's answer, if it comes in time.

    A resolver that hangs cannot be interrupted: its thread is left behind until it returns, and so many at most are.

    Raises:
        TimeoutError: no answer came in time, or too many questions are waiting for theirs already.
        Exception: whatever the resolver raises.
    """
    if _is_literal(host):
        return resolver(host, port)
    if not _questions.acquire(timeout=seconds):
        raise TimeoutError("the resolver does not answer")
    question = _Question(resolver, host, port)
    threading.Thread(target=question.ask, name="resolver", daemon=True).start()
    return question.answer(seconds)


class _Question:
    def __init__(self, resolver: Resolver, host: str, port: int) -> None:
        self._resolver, self._host, self._port = resolver, host, port
        self._done = threading.Event()
        self._found: Sequence[str] = ()
        self._failure: Exception | None = None

    def ask(self) -> None:
        try:
            self._found = self._resolver(self._host, self._port)
        except Exception as error:  # it is raised where the answer is awaited
            self._failure = error
        finally:
            _questions.release()
            self._done.set()

    def answer(self, seconds: float) -> Sequence[str]:
        if not self._done.wait(seconds):
            raise TimeoutError("the resolver does not answer")
        if self._failure is not None:
            raise self._failure
        return self._found


def _is_literal(host: str) -> bool:
    try:
        ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return True
