"""Dead letters whose retention is over go."""

from collections.abc import Callable
from typing import Any

import dramatiq

from actors.periodic import TRIED_AGAIN

QUEUE = "retention"
TIME_LIMIT_MS = 3_600_000
"""A month of millions takes minutes, not an hour."""


def declare_prune(broker: dramatiq.Broker, prune: Callable[[], object], *, schedule: str) -> "dramatiq.Actor[..., Any]":
    """Declares the periodic actor `dead_letters.prune`.

    Args:
        broker: where to declare it.
        prune: does it; idempotent. While it raises, the tick is tried again.
        schedule: a cron schedule, or a duration (`broker.schedule.schedule_of`).
    """

    def prune_dead_letters() -> None:
        prune()

    bind = dramatiq.actor(
        actor_name="dead_letters.prune",
        queue_name=QUEUE,
        broker=broker,
        periodic=schedule,
        time_limit=TIME_LIMIT_MS,
        **TRIED_AGAIN,
    )
    actor: dramatiq.Actor[..., Any] = bind(prune_dead_letters)
    return actor
