"""Connections that stay with the server that takes writes.

After a failover the address leads to another server, but an open connection stays with the old one, which is a replica now: it
refuses to write for as long as the connection lives. So such an answer ends every connection of the pool, also those that only listen or
read, and a connection that was not used for a while asks for the server's role first.
"""

import socket
import threading
import time
from typing import Any

import redis
from redis.connection import AbstractConnection, Connection, SSLConnection, UnixDomainSocketConnection

from leeward.wire.valkey.time_limit import LEAST_SECONDS, limit, within_limit

NO_PRIMARY = frozenset(
    {"READONLY", "MASTERDOWN", "LOADING", "UNBLOCKED", "NOREPLICAS", "MISCONF", "CLUSTERDOWN", "MOVED", "NOAUTH"}
)
"""Codes of answers after which the address must be resolved again. Nothing was written."""
CONFIRM_SECONDS = 5.0
"""How long a connection that rested is believed to be the primary's."""


def is_no_primary(error: BaseException) -> bool:
    """Whether a server answered that it does not take writes: nothing was written, and another server may be there by now."""
    # redis-py takes the codes that it knows out of the text.
    return isinstance(error, redis.RedisError) and (error.status_code or str(error).partition(" ")[0]) in NO_PRIMARY


class Primary:
    """What the connections of a pool know in common. Thread-safe.

    Attributes:
        term: goes up when the server that was the primary turned out to be none; a connection of an earlier term is not used any more.
    """

    def __init__(self) -> None:
        self.term = 0
        self._lock = threading.Lock()

    def lost(self, term: int) -> None:
        """Notes that a connection of this term has found no primary. Those that find out later change nothing."""
        with self._lock:
            if term == self.term:
                self.term += 1


class Following(AbstractConnection):
    """A connection of a pool that shares a `Primary`. It waits for nothing longer than its thread's limit (`time_limit.py`).

    Attributes:
        opened_at: when it was opened last, on the monotonic clock.
        answer_seconds: within how long each answer comes, where that was set since.
    """

    def __init__(self, *, primary: Primary, **options: Any) -> None:
        self._primary = primary
        self._term = primary.term
        self._confirmed_at = self.opened_at = 0.0
        self.answer_seconds: float | None = None
        super().__init__(**options)

    @property
    def socket_timeout(self) -> float | None:
        return within_limit(self._socket_timeout)

    @socket_timeout.setter
    def socket_timeout(self, seconds: float | None) -> None:
        self._socket_timeout = seconds

    @property
    def socket_connect_timeout(self) -> float | None:
        return within_limit(self._socket_connect_timeout)

    @socket_connect_timeout.setter
    def socket_connect_timeout(self, seconds: float | None) -> None:
        self._socket_connect_timeout = seconds

    def connect(self) -> None:
        """Connects, or makes sure that the server behind the open connection is still the primary."""
        if self.is_connected and (self.should_reconnect() or not self._is_confirmed()):
            self.disconnect()  # type: ignore[no-untyped-call]
        super().connect()  # type: ignore[no-untyped-call]

    def connect_check_health(self, *arguments: Any, **options: Any) -> None:
        if not self.is_connected:
            # Before the server is asked: what is found out meanwhile must count.
            self._term = self._primary.term
            self._confirmed_at = self.opened_at = time.monotonic()
            self.answer_seconds = None
        super().connect_check_health(*arguments, **options)

    def should_reconnect(self) -> bool:
        return self._term != self._primary.term or self._should_reconnect

    def read_response(self, *arguments: Any, **options: Any) -> Any:
        if limit.end is not None:
            self.limit_answers(self.socket_timeout)
        try:
            return super().read_response(*arguments, **options)
        except redis.RedisError as error:
            self.note(error)
            raise

    def limit_answers(self, seconds: float | None) -> None:
        """Each answer that is read from now on comes within so long."""
        opened: socket.socket | None = self._sock
        if opened is not None:
            self.answer_seconds = seconds
            opened.settimeout(None if seconds is None else max(LEAST_SECONDS, seconds))

    def note(self, error: BaseException) -> None:
        """Leaves the server with all others of the pool, if that is what its answer means."""
        if is_no_primary(error):
            self._primary.lost(self._term)

    def _is_confirmed(self) -> bool:
        now = time.monotonic()
        if now - self._confirmed_at <= CONFIRM_SECONDS:
            return True
        self._confirmed_at = now
        try:
            # Every user may ask this, whatever the ACL says.
            self.send_command("HELLO", check_health=False)  # type: ignore[no-untyped-call]
            role = role_of(self.read_response())
        except redis.ResponseError:  # a proxy that does not know it
            return True
        except (redis.RedisError, OSError):
            return False
        if role in {b"master", b""}:
            return True
        self._primary.lost(self._term)
        return False


class TcpConnection(Following, Connection):
    """`redis://`"""


class TlsConnection(Following, SSLConnection):
    """`rediss://`"""


class SocketConnection(Following, UnixDomainSocketConnection):
    """`unix://`"""


def role_of(answer: Any) -> bytes:
    fields = answer if isinstance(answer, dict) else dict(zip(answer[::2], answer[1::2], strict=False))
    return bytes(fields.get(b"role", b""))
