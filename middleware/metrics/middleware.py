"""Ring: counts and times what happens."""

import time
from functools import cache
from typing import TYPE_CHECKING, Any

import dramatiq
from dramatiq import Message
from dramatiq.broker import MessageProxy
from dramatiq.middleware import Middleware
from prometheus_client import REGISTRY, CollectorRegistry, Counter, Histogram

from broker.broker import LeewardBroker
from broker.delivery.delivery import Delivery
from broker.delivery.outcomes import Dead
from broker.events import (
    BrokerAway,
    Consuming,
    CrashLoopFound,
    DeliveryEnded,
    LeasesLost,
    LeasesReclaimed,
    PermitsOverrun,
    ProviderCalled,
    Settled,
    Throttled,
    TickItems,
    TurnedAway,
)
from leeward.jobs.dead_reason import DeadReason
from leeward.jobs.queue_name import provider_of
from middleware.metrics.ends import Ends
from middleware.metrics.instruments import Instruments, instruments
from middleware.metrics.known_labels import TICK_RESULTS, begin_at_zero, begin_ticks_at_zero
from middleware.metrics.starts import Starts

if TYPE_CHECKING:
    from dramatiq.worker import Worker


class Metrics(Middleware):
    """Subscribes to the broker's events when a worker boots. Failure stance: asks no backend."""

    def __init__(self, registry: CollectorRegistry = REGISTRY) -> None:
        self._registry = registry
        self._instruments: Instruments | None = None
        self._starts: Starts | None = None
        self._ends: Ends | None = None
        # Looking a child up by its labels costs more than counting.
        self._counter = cache(_child)
        self._call_timer = cache(_call_timer)

    def before_worker_boot(self, broker: dramatiq.Broker, worker: "Worker") -> None:
        if self._instruments is not None or not isinstance(broker, LeewardBroker):
            return
        self._instruments = instruments(self._registry)
        served = [
            actor
            for actor in broker.actors.values()
            if not worker.consumer_whitelist or actor.queue_name in worker.consumer_whitelist
        ]
        begin_at_zero(self._instruments, ((actor.queue_name, actor.actor_name) for actor in served))
        begin_ticks_at_zero(self._instruments, (actor.actor_name for actor in served if "periodic" in actor.options))
        self._starts, self._ends = Starts(self._instruments), Ends(self._instruments)
        broker.events.subscribe(Settled, lambda _: self._count())
        # Also while the jobs that have begun do not end.
        broker.events.subscribe(Consuming, lambda _: self._count())
        broker.events.subscribe(DeliveryEnded, self._delivery_ended)
        broker.events.subscribe(Settled, self._settled)
        broker.events.subscribe(PermitsOverrun, self._overrun)
        broker.events.subscribe(LeasesReclaimed, self._reclaimed)
        broker.events.subscribe(CrashLoopFound, self._crash_loop)
        broker.events.subscribe(TurnedAway, self._turned_away)
        broker.events.subscribe(Throttled, self._throttled)
        broker.events.subscribe(LeasesLost, self._lost)
        broker.events.subscribe(TickItems, self._tick_items)
        broker.events.subscribe(ProviderCalled, self._called)
        broker.events.subscribe(BrokerAway, self._away)

    def before_process_message(self, broker: dramatiq.Broker, message: MessageProxy) -> None:
        if self._starts and isinstance(message, Delivery):
            self._starts.note((message.queue_name, message.waited_ms))

    def after_enqueue(self, broker: dramatiq.Broker, message: "Message[Any]", delay: int | None) -> None:
        if self._instruments:
            self._counter(self._instruments.enqueued, message.queue_name, message.actor_name).inc()

    def _delivery_ended(self, event: DeliveryEnded) -> None:
        assert self._instruments
        assert self._ends
        delivery, outcome = event.delivery, event.outcome
        queue, actor = delivery.queue_name, delivery.actor_name
        seconds = None if delivery.started is None else time.monotonic() - delivery.started
        self._ends.note((queue, actor, type(outcome).__name__.lower(), seconds))
        if isinstance(outcome, Dead):
            self._counter(self._instruments.dead, queue, actor, outcome.reason.value).inc()

    def _count(self) -> None:
        assert self._starts
        assert self._ends
        self._starts.count()
        self._ends.count()

    def _settled(self, event: Settled) -> None:
        if event.late and self._instruments:
            self._instruments.settled_late.labels(event.provider).inc(event.late)

    def _overrun(self, event: PermitsOverrun) -> None:
        if self._instruments:
            self._instruments.permits_overrun.labels(event.provider).inc(event.count)
            self._instruments.permits_overrun_seconds.labels(event.provider).inc(event.seconds)

    def _reclaimed(self, event: LeasesReclaimed) -> None:
        if self._instruments:
            self._instruments.leases_reclaimed.labels(event.provider).inc(event.count)

    def _crash_loop(self, event: CrashLoopFound) -> None:
        if self._instruments:
            reason = DeadReason.CRASH_LOOP.value
            self._counter(self._instruments.dead, event.queue, event.actor, reason).inc()

    def _turned_away(self, event: TurnedAway) -> None:
        if self._instruments:
            self._counter(self._instruments.turned_away, event.queue, event.why).inc()

    def _throttled(self, event: Throttled) -> None:
        if self._instruments:
            self._counter(self._instruments.throttled, event.queue, event.why).inc(event.seconds)

    def _lost(self, event: LeasesLost) -> None:
        for delivery in event.deliveries:
            if self._instruments:
                self._counter(self._instruments.leases_lost, delivery.queue_name).inc()

    def _tick_items(self, event: TickItems) -> None:
        if self._instruments:
            for result, count in zip(TICK_RESULTS, (event.done, event.failed), strict=True):
                self._instruments.tick_items.labels(event.actor, result).inc(count)

    def _called(self, event: ProviderCalled) -> None:
        call = event.call
        if self._instruments:
            timer = self._call_timer(self._instruments.call_seconds, call.provider, call.operation, call.outcome)
            timer.observe(call.seconds)

    def _away(self, event: BrokerAway) -> None:
        if self._instruments:
            self._counter(self._instruments.broker_away, event.queue).inc()


def _child(counter: Counter, queue: str, *labels: str) -> Counter:
    return counter.labels(provider_of(queue), queue, *labels)


def _call_timer(histogram: Histogram, *labels: str) -> Histogram:
    return histogram.labels(*labels)
