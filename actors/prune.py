"""Dead letters whose retention is over go."""

from collections.abc import Callable
from typing import Any

import dramatiq

from actors.periodic import declare_periodic

QUEUE = "retention"
ACTOR = "dead_letters.prune"
TIME_LIMIT_MS = 3_600_000
"""A month of millions takes minutes, not an hour."""


def declare_prune(broker: dramatiq.Broker, prune: Callable[[], object], *, schedule: str) -> "dramatiq.Actor[..., Any]":
    """Declares the periodic actor `dead_letters.prune`.

    Args:
        broker: where to declare it.
        prune: does it; idempotent. While it raises, the tick is tried again.
        schedule: a cron schedule, or a duration (`broker.periodic.schedule.schedule_of`).
    """
    return declare_periodic(
        broker,
        prune,
        name=ACTOR,
        queue=QUEUE,
        schedule=schedule,
        time_limit=TIME_LIMIT_MS,
    )
