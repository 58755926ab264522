"""The periodic actors of a fleet as its schedulers have published them, with what became of their latest ticks."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import redis

from broker.periodic.plan import Plan
from leeward.jobs.queue_name import provider_of
from leeward.status import JobState, instant
from leeward.wire.keys import ProviderKeys


@dataclass(frozen=True, slots=True)
class Pause:
    """That an actor gets no ticks: since when, who stopped them, and why."""

    at: datetime | None
    by: str
    why: str


@dataclass(frozen=True, slots=True)
class PlanState:
    """A periodic actor at one moment.

    Attributes:
        paused: None for one that gets its ticks.
        sent_at: the instant of the latest tick that became a job.
        sent_until: up to when ticks have been sent: the next one is the first after it; moves on while it is paused.
        job_id: that job; empty for none.
        outcome: how the latest tick that ended did; None where that is not known.
        reason: why it is dead.
        ended_at: when a scheduler saw that, at most ten seconds later.
        looked_at: when a scheduler last looked whether it is due.
    """

    plan: Plan
    paused: Pause | None
    sent_at: datetime | None
    sent_until: datetime | None
    job_id: str
    outcome: JobState | None
    reason: str | None
    ended_at: datetime | None
    looked_at: datetime | None


def publish(client: redis.Redis, plan: Plan) -> None:
    """Raises: redis.RedisError: Valkey cannot be reached."""
    client.hset(_root(plan.queue) + "plans", plan.actor, plan.encoded())


def plan_states(client: redis.Redis, providers: Iterable[str]) -> list[PlanState]:
    """Every periodic actor whose ticks go to these providers, by name.

    Raises:
        redis.RedisError: Valkey cannot be reached.
    """
    found: list[PlanState] = []
    roots = [ProviderKeys(provider).root for provider in providers]
    pipeline = client.pipeline(transaction=False)
    for root in roots:
        pipeline.hgetall(root + "plans")
    for root, published in zip(roots, pipeline.execute(), strict=True):
        plans = [Plan.parsed(actor.decode(), text) for actor, text in published.items()]
        found += _states(client, root, [plan for plan in plans if plan is not None])
    return sorted(found, key=lambda state: state.plan.actor)


def _states(client: redis.Redis, root: str, plans: list[Plan]) -> list[PlanState]:
    if not plans:
        return []
    pipeline = client.pipeline(transaction=False)
    for name in ("ticks_paused", "ticks_sent", "ticks", "tick_outcomes", "tick_looks"):
        pipeline.hmget(root + name, [plan.actor for plan in plans])
    return [_state(plan, *fields) for plan, *fields in zip(plans, *pipeline.execute(), strict=True)]


def _state(
    plan: Plan, paused: bytes | None, sent: bytes | None, tick: bytes | None, outcome: bytes | None, look: bytes | None
) -> PlanState:
    ended = json.loads(outcome) if outcome else {}
    known = json.loads(ended["outcome"]) if ended else {}
    return PlanState(
        plan=plan,
        paused=None if paused is None else _pause(json.loads(paused)),
        sent_at=instant(float(sent) if sent else None),
        sent_until=instant(float(tick.partition(b" ")[0]) if tick else None),
        job_id=tick.decode().partition(" ")[2] if tick else "",
        outcome=JobState(known["state"]) if known else None,
        reason=known.get("reason"),
        ended_at=instant(float(ended["seen"])) if ended else None,
        looked_at=instant(float(look) if look else None),
    )


def _pause(known: dict[str, Any]) -> Pause:
    return Pause(instant(known["at"]), known["by"], known["why"])


def pause(client: redis.Redis, plan: Plan, *, by: str, why: str) -> None:
    """No scheduler sends ticks of it any more, until `resume`; what waits or runs is not stopped. Kept until then.

    Raises:
        redis.RedisError: Valkey cannot be reached.
    """
    seconds, microseconds = client.time()
    known = {"at": seconds * 1000 + microseconds // 1000, "by": by, "why": why}
    client.hsetnx(_root(plan.queue) + "ticks_paused", plan.actor, json.dumps(known))


def is_paused(client: redis.Redis, queue: str, actor: str) -> bool:
    """Raises: redis.RedisError: Valkey cannot be reached."""
    return bool(client.hexists(_root(queue) + "ticks_paused", actor))


def resume(client: redis.Redis, plan: Plan) -> bool:
    """Ticks are sent again from now on; those that were due meanwhile are not. False where it was not paused.

    Raises:
        redis.RedisError: Valkey cannot be reached.
    """
    return bool(client.hdel(_root(plan.queue) + "ticks_paused", plan.actor))


def forget(client: redis.Redis, plan: Plan) -> None:
    """Takes a periodic actor off the list that no scheduler looks at any more.

    Raises:
        redis.RedisError: Valkey cannot be reached.
    """
    for name in ("plans", "ticks_paused", "ticks_sent", "ticks", "tick_outcomes", "tick_looks", "schedules"):
        client.hdel(_root(plan.queue) + name, plan.actor)


def _root(queue: str) -> str:
    return ProviderKeys(provider_of(queue)).root
