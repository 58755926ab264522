"""Reading one provider's stream of events."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple, Self

import orjson
import redis

from leeward.redaction import cleaned_value
from leeward.wire.job_message import INHERITED
from leeward.wire.keys import ProviderKeys
from leeward.wire.script import Script

BATCH = 100
ONCE_FOR = timedelta(days=1)
"""For so long an event that happens once is not emitted a second time."""
_LAST_OF_A_MILLISECOND = 2**64 - 1
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_append = Script("broker.event_stream", "append.lua")
_read = Script("broker.event_stream", "read.lua")


class Cursor(NamedTuple):
    """How far a handler has come in a provider's stream.

    Attributes:
        id: of the latest event that it had.
        number: that event's, counted since the stream began; None where it is not known yet.
    """

    id: str
    number: int | None = None

    @classmethod
    def at(cls, since_ms: int) -> Self:
        """Of a handler that is to have what happens from an instant on: after everything of the millisecond before."""
        return cls(f"{max(since_ms, 1) - 1}-{_LAST_OF_A_MILLISECOND}")

    @classmethod
    def parsed(cls, text: str) -> Self:
        id_, number = text.split(" ")
        return cls(id_, int(number))

    def __str__(self) -> str:
        return f"{self.id} {self.number}"

    def is_behind(self, last_id: str) -> bool:
        """Whether the stream that ends with this id may hold something new."""
        return _order(self.id) < _order(last_id)


@dataclass(frozen=True, slots=True)
class StreamEvent:
    """One entry of a stream.

    Attributes:
        id: unique among the events of its provider.
        data: a JSON object.
        inherited: request id and trace of what caused it, as message options.
    """

    id: str
    name: str
    at: datetime
    data: dict[str, Any]
    inherited: dict[str, str]


@dataclass(frozen=True, slots=True)
class Batch:
    """What comes after a cursor.

    Attributes:
        lost: events that were trimmed before this cursor came to them.
        cursor: the place after these events.
    """

    lost: int
    events: list[StreamEvent]
    cursor: Cursor


class EventStream:
    """Thread-safe. Reading takes nothing away. What happens in a script, or in a job, is emitted there: `append` is for the rest."""

    def __init__(self, client: redis.Redis, provider: str) -> None:
        """`client` must answer in bytes."""
        self.provider = provider
        self._client = client
        self._keys = ProviderKeys(provider)

    def append(
        self,
        name: str,
        data: Mapping[str, Any],
        *,
        once: str = "",
        once_for: timedelta = ONCE_FOR,
        inherited: Mapping[str, str] | None = None,
    ) -> bool:
        """Emits an event that neither a job nor a script emits. Texts in its data are cleaned of secrets.

        Args:
            name: its type.
            data: a JSON object.
            once: what makes it the same event as an earlier one of this stream; empty: each call is an event.
            once_for: for how long that is remembered.
            inherited: request id and trace of what caused it, as message options.

        Returns:
            Whether it is new.

        Raises:
            redis.RedisError: Valkey cannot be asked; the event may be there. With `once`, saying it again is safe.
            TypeError: the data is not JSON.
        """
        encoded = orjson.dumps(cleaned_value(dict(data)))
        kept_ms = once_for // timedelta(milliseconds=1)
        caused = [(inherited or {}).get(option, "") for option in ("request_id", "traceparent")]
        return bool(_append(self._client, self._keys.root, ["", name, encoded, once, kept_ms, *caused]))

    def last_id(self) -> str | None:
        """The id of the latest event; None when there is none.

        Raises:
            redis.RedisError: Valkey cannot be asked.
        """
        found: Any = self._client.xrevrange(self._keys.event_stream, count=1)
        return found[0][0].decode() if found else None

    def after(self, cursor: Cursor, count: int = BATCH) -> Batch:
        """The next events.

        Raises:
            redis.RedisError: Valkey cannot be asked.
        """
        number = "" if cursor.number is None else cursor.number
        lost, number, entries = _read(self._client, self._keys.root, [cursor.id, number, count])
        events = [stream_event(id_.decode(), flat) for id_, flat in entries]
        last = events[-1].id if events else cursor.id
        return Batch(lost, events, Cursor(last, number + len(events)))


def stream_event(id_: str, flat: list[bytes]) -> StreamEvent:
    """An entry as scripts answer it."""
    fields = {name.decode(): value.decode() for name, value in zip(flat[::2], flat[1::2], strict=True)}
    inherited = {name: fields[name] for name in INHERITED if fields.get(name)}
    at = _EPOCH + timedelta(milliseconds=int(fields["at"]))
    return StreamEvent(id_, fields["name"], at, orjson.loads(fields["data"]), inherited)


def _order(id_: str) -> tuple[int, int]:
    ms, _, number = id_.partition("-")
    return int(ms), int(number or 0)
