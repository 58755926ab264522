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
TICK_RESULTS = ("done", "failed")
OUTCOMES = tuple(outcome.__name__.lower() for outcome in get_args(Outcome))


def begin_at_zero(instruments: Instruments, actors: Iterable[tuple[str, str]]) -> None:
    """Makes every counter of these actors, each with its queue, before the first event."""
    known = set(actors)
    for queue, actor in known:
        labels = (provider_of(queue), queue, actor)
        instruments.job_seconds.labels(*labels)
        instruments.enqueued.labels(*labels)
        for outcome in OUTCOMES:
            instruments.deliveries.labels(*labels, outcome)
        for reason in DeadReason:
            instruments.dead.labels(*labels, reason.value)
    for queue in {queue for queue, _ in known}:
        _begin_queue(instruments, provider_of(queue), queue)


def begin_ticks_at_zero(instruments: Instruments, actors: Iterable[str]) -> None:
    """The same for periodic actors."""
    for actor in actors:
        for result in TICK_RESULTS:
            instruments.tick_items.labels(actor, result)


def _begin_queue(instruments: Instruments, provider: str, queue: str) -> None:
    instruments.started.labels(provider, queue)
    instruments.waited_seconds.labels(provider, queue)
    instruments.leases_lost.labels(provider, queue)
    instruments.broker_away.labels(provider, queue)
    for why in WHYS:
        instruments.turned_away.labels(provider, queue, why)
        instruments.throttled.labels(provider, queue, why)
    instruments.settled_late.labels(provider)
    instruments.permits_overrun.labels(provider)
    instruments.permits_overrun_seconds.labels(provider)
    instruments.leases_reclaimed.labels(provider)
