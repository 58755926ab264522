"""Makes the events of all providers jobs of their handlers, for as long as it runs."""

import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

import redis
import structlog

from broker.broker import LeewardBroker
from broker.event_stream.fleet_stream import event_sources
from broker.event_stream.registry import forget_events, register
from broker.event_stream.stream import EventStream
from broker.event_stream.subscription import Delivered, Subscription
from broker.fleet.outbox import OutboxListener, OutboxUnavailable
from broker.fleet.queues import known_providers
from broker.periodic.ticks import AWAY
from broker.threads.vital_thread import VitalThread
from leeward.wire.keys import EVENT_ADDED, QUEUES

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class PumpOptions:
    """How a pump paces itself.

    Attributes:
        sweep: how often every stream is looked at, even when nothing was announced.
        register: how often the handlers are registered again, so that they are not taken for removed.
        stop_latency: how long it may take to notice that it is to stop.
        pause: after what failed.
        kept: how long events stay in their streams.
    """

    sweep: timedelta = timedelta(seconds=5)
    register: timedelta = timedelta(minutes=1)
    stop_latency: timedelta = timedelta(milliseconds=200)
    pause: timedelta = timedelta(seconds=1)
    kept: timedelta = timedelta(days=30)


class EventPump(VitalThread):
    """A thread that delivers events. Any number of them, anywhere, do no harm to each other: the one that moves a handler's cursor adds
    the jobs in the same step.

    Failure stance: while Valkey cannot be reached it waits, and continues afterwards; events stay in their streams. A handler whose jobs
    cannot be added stops no other.

    Args:
        broker: where to; its actors include the handlers'.
        subscriptions: the handlers.
        options: the pace.
    """

    def __init__(
        self, broker: LeewardBroker, subscriptions: Sequence[Subscription], *, options: PumpOptions | None = None
    ) -> None:
        super().__init__("leeward-events")
        self._broker = broker
        self._subscriptions = subscriptions
        self._options = options or PumpOptions()
        self._register_at = 0.0
        self._complaints: dict[str, str] = {}
        self._full: set[tuple[str, str]] = set()

    def stop(self, timeout: timedelta) -> bool:
        """Lets the batch at hand finish. Returns whether the thread has ended in time."""
        self.ask_to_stop()
        if self.is_alive():
            self.join(timeout.total_seconds())
        return not self.is_alive()

    def serve(self) -> None:
        while not self.is_stopping:
            try:
                self._serve()
            except Exception as error:  # any error: the next pass is the retry
                self._complain("", error)
                self.rest(self._options.pause.total_seconds())

    def look(self, providers: Iterable[str] | None = None) -> int:
        """Delivers what is there, of all providers or of these; returns how many jobs it added.

        Raises:
            redis.RedisError: Valkey cannot be reached.
        """
        if time.monotonic() >= self._register_at:
            self._register()
            self._register_at = time.monotonic() + self._options.register.total_seconds()
        names = sorted(event_sources(self._broker.client)) if providers is None else providers
        return sum(self._drain(EventStream(self._broker.client, name)) for name in names) if self._subscriptions else 0

    def _serve(self) -> None:
        with OutboxListener(self._broker.client, EVENT_ADDED) as bell:
            while not self.is_stopping:
                self.look()
                bell.check()
                self._settle_complaint("")
                self._answer(bell, until=time.monotonic() + self._options.sweep.total_seconds())

    def _answer(self, bell: OutboxListener, *, until: float) -> None:
        while not self.is_stopping and (left := until - time.monotonic()) > 0:
            self.move()
            if rung := bell.wait(min(self._options.stop_latency, timedelta(seconds=left))):
                self.look(sorted(rung))

    def _register(self) -> None:
        """Says which handlers there are; deletes the cursors of those that were removed a while ago."""
        client, by_provider = self._broker.client, defaultdict[str, list[Subscription]](list)
        for subscription in self._subscriptions:
            by_provider[subscription.provider].append(subscription)
        if by_provider:
            client.sadd(QUEUES, *{subscription.queue for subscription in self._subscriptions})
        for provider in sorted(known_providers(client)):
            ours = by_provider[provider]
            since_ms, forgotten = register(client, provider, [one.handler for one in ours])
            for one in ours:
                one.since_ms = since_ms[one.handler]
            for handler in forgotten:
                _log.info("event_handler_forgotten", handler=handler, provider=provider)
        for source in event_sources(client):
            forget_events(client, source, older_than=self._options.kept)

    def _drain(self, stream: EventStream) -> int:
        last_id = stream.last_id()
        behind = [one for one in self._subscriptions if last_id and one.is_behind(stream.provider, last_id)]
        if not behind:
            return 0
        seconds, microseconds = self._broker.client.time()
        return sum(self._deliver(one, stream, seconds * 1000 + microseconds // 1000) for one in behind)

    def _deliver(self, subscription: Subscription, stream: EventStream, now_ms: int) -> int:
        jobs = 0
        try:
            while not self.is_stopping:
                done = subscription.deliver(self._broker, stream, now_ms=now_ms)
                jobs += done.jobs
                self._report(subscription, stream.provider, done)
                if done.is_over:
                    break
        except redis.RedisError:
            raise
        except Exception as error:  # of this handler alone, maybe
            self._complain(subscription.handler, error)
        else:
            self._settle_complaint(subscription.handler)
        return jobs

    def _report(self, subscription: Subscription, provider: str, done: Delivered) -> None:
        handler = subscription.handler
        if done.lost:
            _log.error("events_lost", handler=handler, provider=provider, count=done.lost)
        if done.is_full and (handler, provider) not in self._full:
            _log.warning("events_wait_for_handler", handler=handler, provider=provider, queue=subscription.queue)
            self._full.add((handler, provider))
        elif not done.is_full:
            self._full.discard((handler, provider))

    def _complain(self, handler: str, error: Exception) -> None:
        complaint = f"{type(error).__name__}: {error}"
        if self._complaints.get(handler) != complaint:
            self._complaints[handler] = complaint
            away = isinstance(error, (*AWAY, OutboxUnavailable))
            _log.warning("events_wait_for_valkey" if away else "events_not_delivered", handler=handler, error=complaint)

    def _settle_complaint(self, handler: str) -> None:
        if self._complaints.pop(handler, None):
            _log.info("events_delivered_again", handler=handler)
