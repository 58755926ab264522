"""A fleet inside the process of a test: a Valkey of its own, one worker with all rings, and no scheduler."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import dramatiq

from broker.broker import LeewardBroker
from broker.event_stream.fleet_stream import FLEET
from broker.event_stream.stream import Cursor, EventStream
from broker.events import DeliveryEnded
from broker.guards.store import Guards
from broker.periodic.ticks import TICK, tick_name
from leeward.client import Leeward
from leeward.extension import Event, Extension, Periodic
from leeward.extension.events.pattern import matches
from leeward.jobs.job import Job
from leeward.jobs.queue_name import provider_of
from leeward.testing.fleet import TIMEOUT, Ended, FleetUnderTest, Providers
from leeward.wire.keys import ProviderKeys
from workers.background.event_pump import EventPump
from workers.composition.binding.handlers import subscriptions
from workers.composition.composition import Composition
from workers.composition.installed.extensions import composed_of
from workers.composition.root import build_broker, declare_actors
from workers.embedded import EmbeddedValkey
from workers.testing.configuration import settings_of
from workers.testing.record import EndedJobs

LOOK_SECONDS = 0.005
STOP_MS = 10_000
EMITTED_BY_THE_TEST = "testing"
"""The provider whose stream has what `emit` sends."""
EVENTS_AT_MOST = 20_000


@contextmanager
def running_fleet(extensions: Sequence[Extension], providers: Providers, *, threads: int) -> Iterator[FleetUnderTest]:
    """See `leeward.testing.fleet_with`. One at a time in a process."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="leeward-testing-")))
        valkey = EmbeddedValkey(folder / "valkey")
        valkey.start()
        stack.callback(valkey.kill)
        settings = settings_of(folder, valkey.url, providers)
        broker = build_broker(settings)
        stack.callback(broker.close)
        composition = declare_actors(broker, settings, composed_of(extensions))
        client = stack.enter_context(Leeward(valkey.url))
        fleet = _Fleet(broker, composition, client, valkey.url)
        worker = dramatiq.Worker(broker, worker_timeout=100, worker_threads=threads)
        stack.callback(worker.stop, timeout=STOP_MS)
        worker.start()
        yield fleet


class _Fleet:
    def __init__(self, broker: LeewardBroker, composition: Composition, client: Leeward, url: str) -> None:
        self.url = url
        self._broker = broker
        self._composition = composition
        self._client = client
        self._jobs = EndedJobs()
        self._pump = EventPump(broker, subscriptions(composition.handlers))
        self._providers = {EMITTED_BY_THE_TEST, FLEET, *map(provider_of, broker.get_declared_queues())}
        broker.events.subscribe(DeliveryEnded, self._jobs.note)
        # From now on every handler receives what happens.
        self._pump.look()

    @property
    def client(self) -> Leeward:
        return self._client

    def run(self, job: Job, *, idempotency_key: str | None = None, timeout: timedelta = TIMEOUT) -> Ended:
        job_id = self._client.enqueue(job, idempotency_key=idempotency_key).job_id
        self._wait(lambda: self._client.status(job_id).state.is_final, timeout, f"job {job_id} ({job.kind})")
        ended = self._jobs.of(job_id)
        assert ended is not None, "its delivery ended before its state did"
        return ended

    def run_all(self, *, timeout: timedelta = TIMEOUT) -> None:
        end = time.monotonic() + timeout.total_seconds()
        while True:
            left = timedelta(seconds=max(0.0, end - time.monotonic()))
            self._wait(lambda: not self._live_jobs(), left, "every job")
            # What has ended may have emitted events.
            if self._pump.look(sorted(self._providers)) == 0:
                return

    def tick(
        self, periodic: Periodic[..., Any], *, instance: str | None = None, timeout: timedelta = TIMEOUT
    ) -> list[Ended]:
        names = [
            one.name
            for one in self._composition.periodic
            if one.declared is periodic and (instance is None or (one.instance and one.instance.name == instance))
        ]
        if not names:
            raise ValueError(f"{periodic.__name__} is no periodic actor of this fleet at {instance or 'any instance'}")
        return self._run_sent([self._send_tick(name) for name in names], timeout)

    def emit(self, event: str, *, timeout: timedelta = TIMEOUT, **data: Any) -> list[Ended]:
        before = len(self._jobs.all())
        EventStream(self._broker.client, EMITTED_BY_THE_TEST).append(event, data)
        self.run_all(timeout=timeout)
        handlers = {one.name for one in self._composition.handlers if matches(one.event, event)}
        return [one for one in self._jobs.all()[before:] if one.kind in handlers]

    def ended(self, kind: str | None = None) -> list[Ended]:
        return [one for one in self._jobs.all() if kind in {None, one.kind}]

    def events(self, name: str | None = None) -> list[Event]:
        # Sorting keeps the order of a stream, which has several events of one millisecond.
        found = [event for provider in sorted(self._providers) for event in self._events_of(provider)]
        return sorted((one for one in found if name in {None, one.name}), key=lambda one: one.at)

    def _events_of(self, provider: str) -> Iterator[Event]:
        batch = EventStream(self._broker.client, provider).after(Cursor("0-0"), EVENTS_AT_MOST)
        return (Event(f"{provider}:{one.id}", one.name, one.at, one.data) for one in batch.events)

    def _send_tick(self, name: str) -> str:
        options: dict[str, Any] = {TICK: tick_name(datetime.now(UTC), fine=True)}
        message = self._broker.get_actor(name).message_with_options(**options)
        self._broker.enqueue(message)
        return str(message.message_id)

    def _run_sent(self, job_ids: Iterable[str], timeout: timedelta) -> list[Ended]:
        self.run_all(timeout=timeout)
        return [ended for job_id in job_ids if (ended := self._jobs.of(job_id)) is not None]

    def _live_jobs(self) -> dict[str, int]:
        """Provider -> jobs that wait or run, all seen at one moment: a job may enqueue for another provider."""
        providers = sorted(self._providers)
        pipeline = self._broker.client.pipeline(transaction=True)
        for provider in providers:
            pipeline.hlen(ProviderKeys(provider).jobs)
            # A follow-up on its way is a job that is not there yet.
            pipeline.xlen(ProviderKeys(provider).handovers)
        found = pipeline.execute()
        counts = zip(providers, found[::2], found[1::2], strict=True)
        return {provider: jobs + on_their_way for provider, jobs, on_their_way in counts if jobs + on_their_way}

    def _wait(self, is_over: Callable[[], bool], timeout: timedelta, what: str) -> None:
        end = time.monotonic() + timeout.total_seconds()
        while not is_over():
            if time.monotonic() >= end:
                raise TimeoutError(f"{what} has not ended in {timeout.total_seconds():g} s; {self._standing()}")
            time.sleep(LOOK_SECONDS)

    def _standing(self) -> str:
        parts = []
        for provider, count in self._live_jobs().items():
            state = Guards(self._broker.client, provider).state()
            circuit = "" if state.state == "closed" else f" (its circuit is {state.state}: {state.cause})"
            parts.append(f"{provider}: {count} live{circuit}")
        return ", ".join(parts) or "no job waits or runs"
