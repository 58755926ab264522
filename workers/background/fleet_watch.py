"""Notices what no job and no script reports: processes that stopped without a word, and waves of dead letters."""

import time
from collections.abc import Callable
from datetime import timedelta

import redis
import structlog

from broker.event_stream.fleet_stream import emit_fleet_event
from broker.event_stream.spikes import WITHIN, Spike, SpikeDetector
from broker.event_stream.stream import EventStream
from broker.fleet.processes import ALIVE, FleetProcess, processes
from broker.fleet.queues import known_providers
from broker.fleet.totals import totals
from broker.threads.vital_thread import VitalThread
from leeward.wire.valkey.refusal import sentence

LOOK_EVERY = timedelta(seconds=10)
SPIKE_ONCE_IN = timedelta(hours=1)
"""A wave of dead letters of one provider is one event in this time."""

_log = structlog.get_logger(__name__)


class FleetWatch(VitalThread):
    """A thread of each scheduler. Any number of them may run: what each notices is emitted once in the fleet.

    Failure stance: while Valkey cannot be reached it waits. Afterwards the processes get time to report again before one counts as lost.
    """

    def __init__(self, client: redis.Redis, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        super().__init__("leeward-fleet-watch")
        self._client = client
        self._monotonic = monotonic
        self._reached_since: float | None = None
        self._detector = SpikeDetector()

    def serve(self) -> None:
        while not self.rest(LOOK_EVERY.total_seconds()):
            try:
                self.look()
            except redis.RedisError as error:
                _log.debug("fleet_watch_waits_for_valkey", error=sentence(error))

    def stop(self, timeout: timedelta) -> None:
        """Lets the check at hand finish."""
        self.ask_to_stop()
        if self.is_alive():
            self.join(timeout.total_seconds())

    def look(self) -> None:
        """Emits what is new.

        Raises:
            redis.RedisError: Valkey cannot be reached.
        """
        now = self._monotonic()
        try:
            found = processes(self._client)
            providers = sorted(known_providers(self._client))
            spikes = self._detector.look(totals(self._client, providers), now=now)
        except redis.RedisError:
            self._reached_since = None
            raise
        if self._reached_since is None:
            self._reached_since = now
        if now - self._reached_since >= ALIVE.total_seconds():
            for process in found:
                self._miss(process)
        for spike in spikes:
            self._report(spike)

    def _miss(self, process: FleetProcess) -> None:
        if process.is_alive:
            return
        said, seen_ms = process.said, round(process.seen_at.timestamp() * 1000)
        data = {"process": said.process, "role": said.role.value, "release": said.release}
        silent = round(process.silent_for.total_seconds())
        once = f"worker.lost {said.role.value} {said.process} {seen_ms}"
        if emit_fleet_event(self._client, "worker.lost", data | {"silent_seconds": silent}, once=once):
            _log.warning("worker_lost", **data, silent_seconds=silent)

    def _report(self, spike: Spike) -> None:
        data = {
            "provider": spike.provider,
            "dead": spike.dead,
            "within_seconds": round(WITHIN.total_seconds()),
            "usual": spike.usual,
            "reasons": dict(spike.reasons),
        }
        stream = EventStream(self._client, spike.provider)
        if stream.append("dead_letters.spike", data, once="dead_letters.spike", once_for=SPIKE_ONCE_IN):
            _log.warning("dead_letters_spike", **data, advice="see `leeward dlq groups`")
