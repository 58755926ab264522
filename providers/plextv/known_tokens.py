"""What is known of tokens that were found valid lately, so that no job signs in or checks its token each time."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256
from typing import Generic, TypeVar

from pydantic import SecretStr

V = TypeVar("V")
MOST = 1000


class KnownTokens(Generic[V]):
    """Thread-safe. Holds no token, only its hash.

    Args:
        kept: how long something is believed.
        clock: monotonic seconds.
    """

    def __init__(self, kept: timedelta, clock: Callable[[], float]) -> None:
        self._kept = kept.total_seconds()
        self._clock = clock
        self._lock = threading.Lock()
        self._known: OrderedDict[bytes, tuple[float, V]] = OrderedDict()

    def get(self, token: SecretStr) -> V | None:
        """What is known of it; None when that is nothing, or too old."""
        with self._lock:
            until, value = self._known.get(_digest(token), (0.0, None))
            return value if value is not None and self._clock() < until else None

    def put(self, token: SecretStr, value: V) -> None:
        """It was found valid now."""
        with self._lock:
            self._known[_digest(token)] = (self._clock() + self._kept, value)
            while len(self._known) > MOST:
                self._known.popitem(last=False)


def _digest(token: SecretStr) -> bytes:
    return sha256(token.get_secret_value().encode()).digest()
