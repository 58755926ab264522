"""A worker process's session with Valkey: what it holds, how it settles, and how it is woken."""

import os
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import redis
import structlog

from broker.cancellation.cancellations import NOTICE, Cancellations
from broker.crashes.ended_processes import EndedProcesses, server_name
from broker.crashes.isolation import Isolation
from broker.crashes.report_ended import reporter
from broker.crashes.run_record import RunRecord, open_record
from broker.delivery.delivery import Delivery
from broker.delivery.outcomes import Cancelled, Outcome
from broker.events import Accused, DeliveryEnded, Events, LeasesLost, Listening, PermitsOverrun, Settled
from broker.flows.carrier import Carrier
from broker.options import SessionOptions
from broker.session.committer import Committer, Settlement
from broker.session.in_flight import InFlight
from broker.session.listener import Listener
from broker.session.overrun import overrun_seconds
from broker.session.prefetch import thread_cap
from broker.session.renewals import Renewals
from broker.session.wakeups import Wakeups
from broker.threads.vital_thread import VitalThread
from leeward.extension.cancel_requested import CancelRequested
from leeward.jobs.queue_name import provider_of
from leeward.wire.keys import ProviderKeys
from leeward.wire.script import Script

DEFAULT_SHARE = 0.75
_IS_CANCELLED = 2

_log = structlog.get_logger(__name__)
_begin = Script("broker.scripts", "begin.lua")
_nudge = Script("broker.scripts", "nudge.lua")


class Session:
    """Shared by the consumers and threads of one worker process. Started with its first consumer, stopped once.

    Attributes:
        shares: the part of the threads that a provider may take, where it is not the usual one.
        heard_at: when Valkey last answered, on the monotonic clock.
        finished_at: when an outcome was last made durable, on the monotonic clock.
        isolation: whether this process runs suspects and nothing else.
        started: notes that this thread begins with a job, by its id.
        ended: notes that this thread is done with its job.
        unstarted: gives back what waits for a thread.
        vital_threads: those that every job of this process depends on.
    """

    def __init__(self, client: redis.Redis, options: SessionOptions, threads: int, events: Events) -> None:
        self.events = events
        self.client = client
        self.options = options
        self.process = f"{options.host}:{os.getpid()}"
        self.held = InFlight(threads)
        self.isolation = Isolation(self.held.is_empty, time.monotonic)
        self.unstarted: Callable[[], None] = lambda: None
        self.shares: dict[str, float] = {}
        self._consumers: dict[str, Listener] = {}
        self._caps: dict[str, int] = {}
        self._expected: set[str] = set()
        self._lock = threading.Lock()
        self._carrier = Carrier(client, self._providers)
        self._committer = Committer(
            client, options, self._settled, lambda provider: events.emit(Accused(provider)), self._carrier.ring
        )
        self._cancellations = Cancellations(client, self.held.get, lambda delivery: self.end(delivery, Cancelled()))
        self._renewals = Renewals(
            client,
            options,
            self.held.leased,
            self._lost,
            self.heard,
            self.held.renew,
            self._cancellations.renewed,
            self._cancellations.interrupt_overdue,
        )
        self._wakeups = Wakeups(
            client, self.process, self._wake, self._look_everywhere, on_listening=lambda: events.emit(Listening())
        )
        self._ended: EndedProcesses | None = None
        self._record: RunRecord | None = None
        self.started: Callable[[str], None] = lambda _: None
        self.ended: Callable[[], None] = lambda: None
        self._opening = threading.Lock()
        self.draining = False
        self.heard_at = time.monotonic()
        self.finished_at = time.monotonic()
        self.vital_threads: Sequence[VitalThread] = (self._committer, self._renewals, self._wakeups, self._carrier)
        for thread in self.vital_threads:
            thread.start()

    def join(self, consumer: Listener) -> None:
        """Returns when this process may ask for jobs: the jobs of those that have ended here have been reported."""
        self._open_records()
        with self._lock:
            self._consumers[consumer.queue_name] = consumer
            self._caps.clear()
        if self._record:
            self._record.serve([consumer.provider])

    def _open_records(self) -> None:
        """With the first consumer, and not before: by then every ring counts what is found, as the end of a crash loop."""
        with self._opening:
            if self._ended is not None or self.options.records is None:
                return
            server = server_name(self.client)
            ended = EndedProcesses(self.options.records, server, reporter(self.client, self.options, self.events))
            ended.wait_for_reports_of(self.process)
            ended.look_now()
            ended.sweep(time.time())
            self._record = open_record(self.options.records, server, self.process, self.held.threads)
            if self._record:
                self.started, self.ended = self._record.start, self._record.end
            self._ended = ended

    def leave(self, consumer: Listener) -> None:
        with self._lock:
            if self._consumers.get(consumer.queue_name) is consumer:
                del self._consumers[consumer.queue_name]
                self._caps.clear()

    def expect(self, providers: Iterable[str]) -> None:
        """Says who will be served, so that whose consumer comes first does not take all threads before the others come."""
        with self._lock:
            self._expected.update(providers)
            self._caps.clear()

    def thread_cap(self, provider: str) -> int:
        """How many threads of this process a provider's jobs may take. See `broker.session.prefetch.thread_cap`."""
        cap = self._caps.get(provider)
        if cap is None:
            providers = self._providers()
            share = self.shares.get(provider, DEFAULT_SHARE)
            cap = self._caps[provider] = thread_cap(threads=self.held.threads, share=share, providers=len(providers))
        return cap

    def _providers(self) -> set[str]:
        return self._expected | {consumer.provider for consumer in list(self._consumers.values())}

    def give_back(self) -> None:
        """Returns what consumers fetched and no thread has started."""
        for consumer in list(self._consumers.values()):
            consumer.give_back()
        self.unstarted()

    def look_for_ended(self) -> None:
        """Takes back the jobs of processes of this machine that have ended since the last check, every two seconds at most."""
        if self._ended:
            self._ended.look()

    def stop(self, timeout_seconds: float) -> bool:
        """Settles what has ended and ends. False when Valkey could not be reached in time."""
        self._wakeups.ask_to_stop()
        flushed = self._committer.stop(timeout_seconds)
        self._renewals.ask_to_stop()
        self._carrier.stop()
        if self._record:
            self._record.close()
        return flushed

    def begin(self, delivery: Delivery) -> bool:
        """See `begin.lua`.

        Raises:
            CancelRequested: the job is cancelled.
        """
        reply = _begin(self.client, ProviderKeys(delivery.provider).root, [delivery.message_id, delivery.token])
        if reply == _IS_CANCELLED:
            raise CancelRequested
        return bool(reply)

    def tell(self, delivery: Delivery, name: str, data: Mapping[str, Any]) -> None:
        """Emits an event of a running job at once; the same one again, from a later attempt, is none.

        Raises:
            redis.RedisError: it is not durable.
        """
        from broker.event_stream.stream import EventStream

        stream, once = EventStream(self.client, delivery.provider), f"{name} {delivery.message_id}"
        stream.append(name, data, once=once, inherited=delivery.inherited)

    def heard(self) -> None:
        """Notes that Valkey has just answered."""
        self.heard_at = time.monotonic()

    def end(self, delivery: Delivery, outcome: Outcome, *, wait: bool = False) -> None:
        """Ends a delivery that a thread is done with. With `wait`, returns when that is durable."""
        durable = threading.Event() if wait else None
        remaining = self.held.finish(delivery)
        if remaining is None:
            return
        # Before it is settled: who counts what ended counts it when the group is.
        self.events.emit(DeliveryEnded(delivery, outcome))
        try:
            self._committer.put(delivery, outcome, durable.set if durable else None)
        except Exception:
            # Renewed no longer, the job comes back by its lease, and after a few times it is a crash loop: late, but not lost or stuck.
            _log.exception("outcome_not_encodable", job=delivery.message_id)
            self.held.drop([delivery])
            durable = None
        for consumer in list(self._consumers.values()):
            consumer.finished_one(delivery.queue_name, remaining)
        if durable:
            durable.wait()

    def pass_on(self, queue: str) -> None:
        """Wakes another worker for a job that this one has no thread for."""
        try:
            _nudge(self.client, ProviderKeys(provider_of(queue)).root, [queue])
        except redis.RedisError as error:
            _log.debug("nudge_failed", queue=queue, error=str(error))

    def _settled(self, settlements: Sequence[Settlement], late: frozenset[str]) -> None:
        self.heard()
        self.finished_at = self.heard_at
        if late:
            self._settled_late([one.delivery for one in settlements if one.delivery.message_id in late])
        self.held.drop([settlement.delivery for settlement in settlements])
        for settlement in settlements:
            if settlement.settled:
                settlement.settled()
        if self.isolation.queue is not None and (consumer := self._consumers.get(self.isolation.queue)):
            consumer.wake()
        self.events.emit(Settled(settlements[0].delivery.provider, len(settlements), len(late)))

    def _settled_late(self, deliveries: Sequence[Delivery]) -> None:
        _log.warning("settled_too_late", jobs=sorted(delivery.message_id for delivery in deliveries))
        overruns: dict[str, float] = {}
        for delivery in deliveries:
            ended = delivery.lease_ended if delivery.lease_ended is not None else self.held.sure_until(delivery)
            seconds = 0.0 if ended is None else overrun_seconds(delivery, lease_ended=ended, now=self.heard_at)
            if seconds > 0:
                overruns[delivery.message_id] = seconds
        if overruns:
            total = sum(overruns.values())
            _log.warning("permits_overrun", jobs=sorted(overruns), seconds=round(total, 3))
            self.events.emit(PermitsOverrun(deliveries[0].provider, len(overruns), total))

    def _lost(self, deliveries: Sequence[Delivery]) -> None:
        for delivery in deliveries:
            delivery.lease_ended = self.held.sure_until(delivery)
        self.held.drop(deliveries)
        # One that ended while the renewal was on its way is settled, not lost.
        lost = [delivery for delivery in deliveries if not delivery.finished]
        if lost:
            _log.warning("leases_lost", jobs=[delivery.message_id for delivery in lost])
            self.events.emit(LeasesLost(lost))

    def _wake(self, queue: str) -> None:
        if queue.startswith(NOTICE):
            self._cancellations.hear(queue)
        elif consumer := self._consumers.get(queue):
            consumer.wake()
        else:
            # Closed while it waited to be woken.
            self.pass_on(queue)

    def _look_everywhere(self) -> None:
        self.wake_all()
        self._carrier.ring()

    def wake_all(self) -> None:
        """Makes every consumer look again now."""
        for consumer in list(self._consumers.values()):
            consumer.wake()
