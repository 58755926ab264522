"""How a periodic actor comes to be, the fleet's own and those of extensions alike."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import dramatiq

TRIED_AGAIN: dict[str, Any] = {
    # The deadline that the scheduler gives a tick ends it, not a number. A later tick that becomes due meanwhile is merged into it.
    "max_retries": 100_000,
    "min_backoff": round(timedelta(seconds=5) / timedelta(milliseconds=1)),
    "max_backoff": round(timedelta(minutes=5) / timedelta(milliseconds=1)),
}
"""Actor options."""


def declare_periodic(
    broker: dramatiq.Broker,
    run: Callable[[], object],
    *,
    name: str,
    queue: str,
    schedule: object,
    **options: Any,
) -> "dramatiq.Actor[..., Any]":
    """Declares an actor that the scheduler sends a tick whenever its schedule says so. A tick that fails is tried again until its catch-up
    span is over.

    Args:
        broker: where to declare it.
        run: does it; its result is dropped.
        name: the actor's.
        queue: the queue that its ticks go to.
        schedule: a cron schedule, or a duration (`broker.periodic.schedule.schedule_of`).
        options: further actor options, as `catch_up` or `time_limit`; they override those of a tick that is tried again.
    """

    def tick() -> None:
        run()

    bind = dramatiq.actor(
        actor_name=name, queue_name=queue, broker=broker, periodic=schedule, **{**TRIED_AGAIN, **options}
    )
    actor: dramatiq.Actor[..., Any] = bind(tick)
    return actor
