"""The running jobs of this process that were cancelled, from the news of it to their end."""

import time
from collections.abc import Callable, Sequence

import redis
import structlog

from broker.cancellation.interrupt import interrupt
from broker.delivery.delivery import Delivery
from leeward.wire.keys import ProviderKeys
from leeward.wire.script import Script
from leeward.wire.valkey.refusal import sentence

NOTICE = "cancel "
"""How a cancellation begins on the channel of wake-ups: then come the job's id and the token of its delivery (`cancel.lua`)."""
AT_SAFE_POINTS_SECONDS = 0.5
"""For so long a running job may come to a safe point before its thread is interrupted."""

_log = structlog.get_logger(__name__)
_heard = Script("broker.scripts", "heard.lua")


class Cancellations:
    """Thread-safe.

    A job that no thread has begun with ends at once. One that runs gets `CancelRequested` at its next safe point, or after a while wherever
    its thread is, unless that waits inside a system call. The server refuses the beginning of its effect from the first moment on.

    Args:
        client: where to say that this process knows.
        held: finds the delivery of a job that this process has.
        end: ends a delivery that no thread has begun with, as cancelled.
    """

    def __init__(
        self, client: redis.Redis, held: Callable[[str], Delivery | None], end: Callable[[Delivery], None]
    ) -> None:
        self._client = client
        self._held = held
        self._end = end
        self._running: dict[str, tuple[Delivery, float]] = {}

    def hear(self, notice: str) -> None:
        """Takes a notice from the channel of wake-ups."""
        job_id, _, token = notice.removeprefix(NOTICE).rpartition(" ")
        delivery = self._held(job_id)
        if delivery is not None and delivery.token == token:
            self._confirm(delivery.provider, [delivery])

    def renewed(self, deliveries: Sequence[Delivery]) -> None:
        """Takes what a renewal of leases has found cancelled, of one provider, where the notice was lost."""
        if news := [delivery for delivery in deliveries if not delivery.cancelled]:
            self._confirm(news[0].provider, news)

    def _confirm(self, provider: str, deliveries: Sequence[Delivery]) -> None:
        # Anyone may publish a notice: the server knows whether the job is cancelled.
        asked = [part for delivery in deliveries for part in (delivery.message_id, delivery.token)]
        try:
            reply = _heard(self._client, ProviderKeys(provider).root, asked)
        except redis.RedisError as error:
            _log.debug("cancellation_not_confirmed", jobs=asked[::2], error=sentence(error))
            return
        cancelled = {job_id.decode() for job_id in reply}
        self.begin([delivery for delivery in deliveries if delivery.message_id in cancelled])

    def begin(self, deliveries: Sequence[Delivery]) -> None:
        """Lets deliveries end as soon as they can."""
        for delivery in deliveries:
            _log.info("job_is_cancelled", job=delivery.message_id, actor=delivery.actor_name)
            # In this order, and a thread that begins with it does the reverse: at least one of the two sees the other.
            delivery.cancelled = True
            if delivery.started is None:
                self._end(delivery)
            else:
                self._running[delivery.message_id] = (delivery, time.monotonic())

    def interrupt_overdue(self) -> None:
        """Interrupts the threads of jobs that have come to no safe point. To be called about once a second.

        Each once, as a time limit does: an actor may need longer to clean up.
        """
        now = time.monotonic()
        for job_id, (delivery, since) in list(self._running.items()):
            is_overdue = now - since >= AT_SAFE_POINTS_SECONDS and not delivery.effect_marked
            if delivery.finished or (is_overdue and interrupt(delivery)):
                del self._running[job_id]
