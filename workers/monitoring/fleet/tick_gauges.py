"""When each periodic actor last got a tick, and when the next one was due then, as Prometheus families."""

from collections.abc import Iterable
from datetime import datetime

import redis
from prometheus_client.core import GaugeMetricFamily

from broker.periodic.plans import PlanState, plan_states
from leeward.jobs.queue_name import provider_of


def tick_families(client: redis.Redis, providers: Iterable[str]) -> Iterable[GaugeMetricFamily]:
    """Of every periodic actor that a scheduler has published.

    Raises:
        redis.RedisError: Valkey cannot be reached.
    """
    labels = ["provider", "actor"]
    last = GaugeMetricFamily(
        "leeward_last_tick_timestamp_seconds",
        "The instant of a periodic actor's latest tick; absent before its first.",
        labels=labels,
    )
    due = GaugeMetricFamily(
        "leeward_next_tick_timestamp_seconds",
        "The instant of the tick after that; absent while the actor is paused.",
        labels=labels,
    )
    paused = GaugeMetricFamily("leeward_schedule_paused", "1 while a periodic actor gets no ticks.", labels=labels)
    for state in plan_states(client, providers):
        named = [provider_of(state.plan.queue), state.plan.actor]
        paused.add_metric(named, state.paused is not None)
        if state.sent_at is not None:
            last.add_metric(named, state.sent_at.timestamp())
        if (next_at := _due(state)) is not None:
            due.add_metric(named, next_at.timestamp())
    return last, due, paused


def _due(state: PlanState) -> datetime | None:
    """From what was sent, and not from now: where no scheduler sends any more, it stays in the past."""
    return None if state.paused or state.sent_until is None else state.plan.schedule.after(state.sent_until)
