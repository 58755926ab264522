"""A provider's outbox: the dead jobs that PostgreSQL does not have yet, and the bell that says there are new ones."""

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, NamedTuple, Self

import redis

from leeward.errors import Unavailable
from leeward.wire.keys import DEAD_ADDED, ProviderKeys
from leeward.wire.valkey.connection import ANSWER_TIMEOUT
from leeward.wire.valkey.refusal import sentence

BATCH = 250
_FORGOTTEN_AT_ONCE = 1_000

Entry = tuple[str, dict[bytes, bytes]]
"""An entry's id and its fields, as `dead_letter.lua` and `settle.lua` write them."""


class OutboxUnavailable(Unavailable):
    """Raised when Valkey did not answer. Nothing is lost: the entries stay where they are."""

    code = "outbox_unavailable"


class Lag(NamedTuple):
    """What PostgreSQL does not have yet.

    Attributes:
        entries: how many.
        oldest: how long the first of them has waited, by the server's clock.
    """

    entries: int
    oldest: timedelta


class Outbox:
    """Reads and empties one provider's stream. Thread-safe. Any number of readers may do so at once: reading takes nothing away."""

    def __init__(self, client: redis.Redis, provider: str) -> None:
        """`client` must answer in bytes."""
        self._client = client
        self._stream = ProviderKeys(provider).dead

    def read(self, count: int = BATCH, *, after: str | None = None) -> list[Entry]:
        """The oldest entries, or the oldest after an id.

        Raises:
            OutboxUnavailable: no answer.
        """
        with _translated():
            found: Any = self._client.xrange(self._stream, min=f"({after}" if after else "-", count=count)
        return [(id_.decode(), fields) for id_, fields in found]

    def forget(self, entry_ids: Iterable[str]) -> None:
        """Deletes entries that are safe elsewhere. Idempotent.

        Raises:
            OutboxUnavailable: some may be deleted.
        """
        ids = list(entry_ids)
        with _translated():
            for start in range(0, len(ids), _FORGOTTEN_AT_ONCE):
                self._client.xdel(self._stream, *ids[start : start + _FORGOTTEN_AT_ONCE])

    def lag(self) -> Lag:
        """How much waits, and for how long. One command when nothing does.

        Raises:
            OutboxUnavailable: no answer.
        """
        with _translated():
            entries = self._client.xlen(self._stream)
            oldest: Any = self._client.xrange(self._stream, count=1) if entries else []
            if not oldest:
                return Lag(0, timedelta(0))
            seconds, microseconds = self._client.time()
        written_ms = int(oldest[0][0].partition(b"-")[0])
        return Lag(entries, timedelta(milliseconds=max(0, seconds * 1000 + microseconds // 1000 - written_ms)))


class OutboxListener:
    """Rings when an outbox gets something new. For one thread. A ring can be lost, so check the outboxes from time to time, too."""

    def __init__(self, client: redis.Redis, channel: str = DEAD_ADDED) -> None:
        """Subscribed when it returns: what is added from now on rings. To a user without the channel nothing ever does.

        Raises:
            OutboxUnavailable: no answer.
        """
        self._subscription = client.pubsub()
        self._is_deaf = False
        with _translated():
            self._subscription.subscribe(channel)
            try:
                confirmed = self._subscription.get_message(timeout=ANSWER_TIMEOUT.total_seconds())
            except redis.exceptions.NoPermissionError:
                self._is_deaf = True
                return
        if confirmed is None:
            self._subscription.close()
            raise OutboxUnavailable("Valkey did not confirm the subscription to the outboxes' bell")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._subscription.close()

    def wait(self, timeout: timedelta) -> frozenset[str]:
        """The providers that rang; waits for the first. Empty when none did in time, and sometimes earlier.

        Raises:
            OutboxUnavailable: the subscription is lost; make a new one.
        """
        rung: set[str] = set()
        if self._is_deaf:
            time.sleep(timeout.total_seconds())
            return frozenset()
        with _translated():
            message: Any = self._subscription.get_message(timeout=timeout.total_seconds())
            while message is not None:
                if message["type"] == "message":
                    rung.add(message["data"].decode())
                message = self._subscription.get_message(timeout=0)
        return frozenset(rung)

    def check(self) -> None:
        """Uses the connection: one that was cut without a word is noticed only so, by this call or a later one.

        Raises:
            OutboxUnavailable: the subscription is lost; make a new one.
        """
        if self._is_deaf:
            return
        with _translated():
            self._subscription.ping()


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except redis.RedisError as error:
        raise OutboxUnavailable(f"the outbox cannot be read: {sentence(error)}") from error
