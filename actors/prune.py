"""Dead letters whose retention is over go."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import dramatiq
import structlog

QUEUE = "retention"
TIME_LIMIT_MS = 3_600_000
"""A month of millions takes minutes, not an hour."""

_log = structlog.get_logger(__name__)


def declare_prune(
    broker: dramatiq.Broker,
    prune: Callable[[datetime], object],
    *,
    schedule: str,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> "dramatiq.Actor[..., Any]":
    """Declares the periodic actor `dead_letters.prune`.

    Args:
        broker: where to declare it.
        prune: does it, as of an instant; idempotent.
        schedule: a cron schedule, or a span (`broker.schedule.schedule_of`).
        clock: the time.
    """

    def prune_dead_letters() -> None:
        try:
            prune(clock())
        except Exception as error:  # the next tick is the retry; a dead letter for each would tell nobody anything
            _log.warning("prune_postponed", error=f"{type(error).__name__}: {error}")

    bind = dramatiq.actor(
        actor_name="dead_letters.prune",
        queue_name=QUEUE,
        broker=broker,
        periodic=schedule,
        max_retries=0,
        time_limit=TIME_LIMIT_MS,
    )
    actor: dramatiq.Actor[..., Any] = bind(prune_dead_letters)
    return actor
