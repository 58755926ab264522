"""The label sets that are known before anything happens. A counter that is absent until its first event has no increase to alert on."""

from collections.abc import Iterable
from typing import get_args

from broker.delivery.outcomes import Outcome
from leeward.jobs.dead_reason import DeadReason
from leeward.jobs.queue_name import provider_of
from middleware.metrics.instruments import Instruments

WHYS = (
    "disabled",
    "forced_open",
    "held",
    "open",
    "half_open",
    "worker_held",
    "full",
    "rate",
    "actor_full",
    "actor_rate",
    "partition_full",
)
"""The guards, as `admit.lua` names them."""
OUTCOMES = tuple(outcome.__name__.lower() for outcome in get_args(Outcome))


def begin_at_zero(instruments: Instruments, actors: Iterable[tuple[str, str]]) -> None:
    """Makes every counter of these actors, each with its queue, before the first event."""
    known = set(actors)
    for queue, actor in known:
        instruments.job_seconds.labels(queue, actor)
        instruments.enqueued.labels(queue, actor)
        for outcome in OUTCOMES:
            instruments.deliveries.labels(queue, actor, outcome)
        for reason in DeadReason:
            instruments.dead.labels(queue, actor, reason.value)
    for queue in {queue for queue, _ in known}:
        _begin_queue(instruments, queue)


def _begin_queue(instruments: Instruments, queue: str) -> None:
    instruments.leases_lost.labels(queue)
    instruments.broker_away.labels(queue)
    for why in WHYS:
        instruments.turned_away.labels(queue, why)
        instruments.throttled.labels(queue, why)
    instruments.settled_late.labels(provider_of(queue))
    instruments.permits_overrun.labels(provider_of(queue))
    instruments.permits_overrun_seconds.labels(provider_of(queue))
    instruments.leases_reclaimed.labels(provider_of(queue))
