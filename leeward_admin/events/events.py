"""The events of a fleet, for people: what happened, what happens now, and a handler that receives events again."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from difflib import get_close_matches
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import redis

from broker.event_stream.fleet_stream import event_sources
from broker.event_stream.history import SourcedEvent, in_order, latest, newest_first, oldest_first
from broker.event_stream.redelivery import redeliver
from leeward.errors import NotFound
from leeward.extension.events.pattern import matches

if TYPE_CHECKING:
    from leeward.record import FleetRecord

__all__ = ["EventReplay", "Events", "FleetEvent", "Position", "UnknownEventHandler"]

Position = Mapping[str, str]
"""Provider -> the id of the latest event of it that is known."""
REPLAYED_AT_MOST = 1_000


class UnknownEventHandler(NotFound):
    """Raised when no live worker has an event handler of the name.

    Attributes:
        handler: the name.
    """

    code = "event_handler_not_found"

    def __init__(self, handler: str, known: Sequence[str]) -> None:
        close = get_close_matches(handler, known, n=1)
        there_are = f"there are {', '.join(known)}" if known else "no live worker has one"
        super().__init__(f"there is no event handler {handler}: {f'did you mean {close[0]}?' if close else there_are}")
        self.handler = handler


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetEvent:
    """Something that happened.

    Attributes:
        id: unique in the fleet; handlers have it, too.
        type: as `circuit.opened`.
        at: when, by the server's clock.
        provider: whose stream it is in; `fleet` for what happens to no provider.
        data: which keys there are depends on the type.
        request_id: of the request that caused it; empty where none did.
    """

    id: str
    type: str
    at: datetime
    provider: str
    data: Mapping[str, Any] = field(default_factory=dict)
    request_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventReplay:
    """What a handler receives again.

    Attributes:
        handler: its actor.
        types: what it is for.
        events: those it receives, in their order.
        enqueued: jobs that were added; 0 of a dry run.
        is_whole: false where there are more events than one replay takes; the latest of these is where the next begins.
        key: of this replay: another with the same key adds no job twice.
    """

    handler: str
    types: str
    events: Sequence[FleetEvent]
    enqueued: int
    is_whole: bool
    key: str


class Events:
    """Every method raises `redis.RedisError` where Valkey cannot be asked."""

    def __init__(self, client: redis.Redis, record: "FleetRecord") -> None:
        self._client = client
        self._record = record

    def latest(
        self,
        *,
        types: Sequence[str] = (),
        providers: Sequence[str] = (),
        since: timedelta | None = None,
        limit: int = 100,
    ) -> list[FleetEvent]:
        """The latest events, in the order in which they happened.

        Args:
            types: of these only; `circuit.*` means all that begin so.
            providers: of these streams only; `fleet` is the fleet's own.
            since: none that is older.
            limit: how many at most.
        """
        wanted, since_ms = partial(_is_wanted, types), self._before(since)
        found = latest(self._client, self._sources(providers), wanted=wanted, since_ms=since_ms, count=limit)
        return [_shown(one) for one in found]

    def position(self, *, providers: Sequence[str] = ()) -> Position:
        """Where the streams end now: `after` gives what comes then."""
        ends = {source: next(newest_first(self._client, source), None) for source in self._sources(providers)}
        return {source: one.event.id if one else "0-0" for source, one in ends.items()}

    def after(
        self, position: Position, *, types: Sequence[str] = (), providers: Sequence[str] = ()
    ) -> tuple[list[FleetEvent], Position]:
        """What has happened since, and the position behind it. A provider that is new since then is read from its beginning."""
        found, ends = list[SourcedEvent](), dict(position)
        for source in self._sources(providers):
            news = list(oldest_first(self._client, source, after=position.get(source, "")))
            found += news
            ends[source] = news[-1].event.id if news else position.get(source, "0-0")
        wanted = sorted((one for one in found if _is_wanted(types, one.event.name)), key=in_order)
        return [_shown(one) for one in wanted], ends

    def handlers(self) -> dict[str, str]:
        """The event handlers of the workers that live: actor -> the types that it is for."""
        return {name: types for name, (types, _) in sorted(self._handlers().items())}

    def replay(
        self,
        handler: str,
        *,
        since: timedelta,
        types: Sequence[str] = (),
        providers: Sequence[str] = (),
        dry_run: bool = False,
        key: str = "",
    ) -> EventReplay:
        """Lets a handler receive again what happened since a point, each event as a new job. What it receives by itself stays as it is.

        Args:
            handler: its actor, as `acme.tell_acme`.
            since: how far back.
            types: of those that it is for, these only.
            providers: events of these only.
            dry_run: only says which events these are.
            key: of an earlier replay that may not have come to its end; empty: a new one.

        Raises:
            UnknownEventHandler: no live worker has it.
            Unavailable: Valkey could not be reached; the same replay with its key repeats nothing.
        """
        known = self._handlers()
        if handler not in known:
            raise UnknownEventHandler(handler, sorted(known))
        its_types, queue = known[handler]
        chosen = self._chosen(self._sources(providers), self._before(since), its_types, types)
        taken, key = chosen[:REPLAYED_AT_MOST], key or uuid4().hex[:12]
        enqueued = 0 if dry_run else redeliver(self._client, handler, queue, taken, key=key)
        return EventReplay(
            handler=handler,
            types=its_types,
            events=[_shown(one) for one in taken],
            enqueued=enqueued,
            is_whole=len(taken) == len(chosen),
            key=key,
        )

    def _chosen(
        self, sources: Iterable[str], since_ms: int, its_types: str, types: Sequence[str]
    ) -> list[SourcedEvent]:
        found = (one for source in sources for one in oldest_first(self._client, source, since_ms=since_ms))
        fitting = (one for one in found if matches(its_types, one.event.name) and _is_wanted(types, one.event.name))
        return sorted(fitting, key=in_order)

    def _handlers(self) -> dict[str, tuple[str, str]]:
        """Actor -> its types and its queue."""
        catalogues = self._record.workers().values()
        actors = [(name, one) for catalogue in catalogues for name, one in catalogue.actors.items() if one.event]
        return {name: (one.event, one.queues[0]) for name, one in actors if one.queues}

    def _sources(self, providers: Sequence[str]) -> list[str]:
        return sorted(providers or event_sources(self._client))

    def _before(self, since: timedelta | None) -> int:
        """So long ago, server ms."""
        if since is None:
            return 0
        seconds, microseconds = self._client.time()
        return max(0, int(seconds) * 1000 + int(microseconds) // 1000 - since // timedelta(milliseconds=1))


def _is_wanted(types: Sequence[str], name: str) -> bool:
    return not types or any(matches(one, name) for one in types)


def _shown(one: SourcedEvent) -> FleetEvent:
    event = one.event
    return FleetEvent(
        id=one.id,
        type=event.name,
        at=event.at,
        provider=one.source,
        data=event.data,
        request_id=event.inherited.get("request_id", ""),
    )
