"""Keeping the leases of running jobs, and writing down how far they are."""

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

import orjson
import redis
import structlog

from broker.delivery.bounds import PROGRESS_LIMIT_BYTES, bounded
from broker.delivery.delivery import Delivery
from broker.options import SessionOptions
from broker.threads.vital_thread import VitalThread
from leeward.wire.keys import ProviderKeys
from leeward.wire.script import Script
from leeward.wire.valkey.refusal import sentence

PROGRESS_EVERY_SECONDS = 1.0
RENEWALS_PER_LEASE = 3

_log = structlog.get_logger(__name__)
_renew = Script("broker.scripts", "renew.lua")


class Renewals(VitalThread):
    """Renews every lease of this process three times in its length, and between that the leases of jobs with news of their progress.

    Args:
        leased: the deliveries this process holds.
        on_lost: called with the deliveries that other workers have by now.
        on_answer: called whenever Valkey has answered.
        on_renewed: called with the deliveries whose leases are ours for longer, and until when on the monotonic clock.
        on_cancelled: called with the deliveries whose jobs are cancelled.
        every_tick: called about once a second.
    """

    def __init__(
        self,
        client: redis.Redis,
        options: SessionOptions,
        leased: Callable[[], Iterable[Delivery]],
        on_lost: Callable[[Sequence[Delivery]], None],
        on_answer: Callable[[], None],
        on_renewed: Callable[[Iterable[Delivery], float], None],
        on_cancelled: Callable[[Sequence[Delivery]], None] = lambda _: None,
        every_tick: Callable[[], None] = lambda: None,
    ) -> None:
        super().__init__("leeward-renewals")
        self._client = client
        self._options = options
        self._leased = leased
        self._on_lost = on_lost
        self._on_answer = on_answer
        self._on_renewed = on_renewed
        self._on_cancelled = on_cancelled
        self._every_tick = every_tick
        self._written: dict[str, bytes] = {}

    def serve(self) -> None:
        every_seconds = self._options.lease.total_seconds() / RENEWALS_PER_LEASE
        tick_seconds = min(PROGRESS_EVERY_SECONDS, every_seconds)
        ticks_per_renewal = max(1, int(every_seconds / tick_seconds))
        tick = 0
        while not self.rest(tick_seconds):
            tick += 1
            try:
                self._renew(everything=tick % ticks_per_renewal == 0)
                self._every_tick()
            except Exception as error:
                # Whatever it is: the leases of this process hang on this loop.
                # Tried again at the next tick: a lease survives two failed renewals.
                tick = ticks_per_renewal - 1
                _log.warning("renewal_failed", error=sentence(error), exc_info=not isinstance(error, redis.RedisError))

    def _renew(self, *, everything: bool) -> None:
        by_provider: defaultdict[str, list[tuple[Delivery, bytes]]] = defaultdict(list)
        for delivery in self._leased():
            news = self._news(delivery)
            if everything or news:
                by_provider[delivery.provider].append((delivery, news))
        lease_ms = round(self._options.lease.total_seconds() * 1000)
        for provider, renewed in by_provider.items():
            arguments = [part for delivery, news in renewed for part in (delivery.message_id, delivery.token, news)]
            asked_at = time.monotonic()
            reply = _renew(self._client, ProviderKeys(provider).root, ["", lease_ms, *arguments])
            lost, cancelled = ({job.decode() for job in jobs} for jobs in reply)
            self.move()
            self._on_answer()
            self._written |= {delivery.message_id: news for delivery, news in renewed if news}
            kept = [delivery for delivery, _ in renewed if delivery.message_id not in lost]
            self._on_renewed(kept, asked_at + self._options.lease.total_seconds())
            if lost:
                self._on_lost([delivery for delivery, _ in renewed if delivery.message_id in lost])
            if cancelled:
                self._on_cancelled([delivery for delivery in kept if delivery.message_id in cancelled])
        if everything:
            running = {delivery.message_id for delivery in self._leased()}
            self._written = {job: news for job, news in self._written.items() if job in running}

    def _news(self, delivery: Delivery) -> bytes:
        if delivery.progress is None:
            return b""
        try:
            progress = bounded(orjson.dumps(delivery.progress), PROGRESS_LIMIT_BYTES)
        except TypeError:
            delivery.progress = None
            _log.exception("progress_not_json", job=delivery.message_id, actor=delivery.actor_name)
            return b""
        return b"" if self._written.get(delivery.message_id) == progress else progress
