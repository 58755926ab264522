"""A provider is down for six hours, scaled down, with 10,000 jobs waiting: what that costs them, and how they drain."""

import json
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import dramatiq

from bench.guards.site.guarded import guarded, send_visit
from bench.guards.site.site import Site
from bench.guards.site.time_ranges import TimeRange, most_above, most_at_once
from bench.report import Report, say
from bench.stage import Stage
from bench.waiting import wait_for
from broker.guards.config import GuardConfig
from broker.guards.store import Guards
from leeward.wire.keys import ProviderKeys
from simulators.faults import Effect, Rule

QUEUE, KEYS = "sync.site", ProviderKeys("site")
OUTAGE = timedelta(hours=6)
OPEN_FOR, OPEN_AT_MOST, BUDGET = timedelta(seconds=30), timedelta(minutes=10), timedelta(hours=24)
SHORTEST_OPEN = timedelta(milliseconds=100)
LIMIT, PROBES = 16, 2
RAMP = timedelta(seconds=10)
WORK_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class Plan:
    """`scale`: how many seconds of the outage pass in one."""

    jobs: int
    scale: int


@dataclass(frozen=True, slots=True)
class Costs:
    """What the outage cost the jobs.

    Attributes:
        before: attempts spent by calls that failed before the circuit was open.
        while_open: attempts spent since.
        looks: how often the circuit tried the provider meanwhile.
    """

    before: int
    while_open: int
    looks: int


FULL = Plan(jobs=10_000, scale=360)
QUICK = Plan(jobs=1_000, scale=1_440)


def run(stage: Stage, *, quick: bool) -> Report:
    plan = QUICK if quick else FULL
    system = guarded({"site": _config(plan)})
    broker = system.producer(stage.url, [QUEUE])
    with Site(WORK_SECONDS) as site, stage.fleet(system, queues=[QUEUE], env=site.env):
        guards = Guards(stage.client, "site")
        site.faults.set(Rule(effect=Effect.DOWN))
        ends = time.monotonic() + OUTAGE.total_seconds() / plan.scale
        costs = _wait_out(stage, guards, ends, lambda: _send(broker, plan))
        site.faults.reset()
        began = time.monotonic()
        stage.wait_until_drained(system, queue=QUEUE, limit_seconds=180)
        drained_seconds = time.monotonic() - began
        closed_ms = [one.at.timestamp() * 1000 for one in guards.transitions(limit=1000) if one.event == "closed"]
        runs = Counter(visit.number for visit in site.visits() if visit.ok)
        spans = [TimeRange(visit.began_ns, visit.ended_ns) for visit in site.visits()]
        dead = stage.client.xlen(KEYS.dead)
    # Half-open until it closes, then the ramp.
    above = most_above(spans, _ramp(min(closed_ms)))
    say(f"{costs}; {dead} dead, drained in {drained_seconds:.1f} s, {above:+d} against the ramp")
    return Report(
        bench="outage",
        unit="dead letters, and attempts spent while the circuit was not closed",
        plain=None,
        leeward=float(dead + costs.while_open),
        ratio=None,
        target="0 dead letters, 0 attempts, every job done afterwards, at no more than the ramp",
        met=dead == costs.while_open == 0 and len(runs) == plan.jobs and above <= 0 and costs.looks > 0,
        details={
            "jobs": plan.jobs,
            "jobs_done": len(runs),
            "jobs_done_twice": sum(count > 1 for count in runs.values()),
            "dead_letters": dead,
            "attempts_spent_before_opening": costs.before,
            "attempts_spent_while_open": costs.while_open,
            "looks_meanwhile": costs.looks,
            "above_the_ramp": above,
            "most_at_once": most_at_once(spans),
            "ramp_seconds": RAMP.total_seconds(),
            "drained_seconds": drained_seconds,
            "closings": len(closed_ms),
            "outage_hours": OUTAGE / timedelta(hours=1),
            "scale": plan.scale,
        },
    )


def _config(plan: Plan) -> GuardConfig:
    """The production numbers, as many times shorter as the outage; the ramp is not, so that it can be looked at."""
    return GuardConfig(
        limit=LIMIT,
        probes=PROBES,
        open_for=max(OPEN_FOR / plan.scale, SHORTEST_OPEN),
        open_at_most=OPEN_AT_MOST / plan.scale,
        ramp=RAMP,
    )


def _send(broker: dramatiq.Broker, plan: Plan) -> None:
    deadline_ms = round(time.time() * 1000 + BUDGET.total_seconds() * 1000 / plan.scale)
    for number in range(plan.jobs):
        send_visit(broker, QUEUE, number, deadline=deadline_ms)


def _wait_out(stage: Stage, guards: Guards, ends: float, send: Callable[[], None]) -> Costs:
    """Sends the jobs into the outage and waits for its end."""
    send()
    wait_for(lambda: guards.state().state != "closed", "the circuit to open")
    before = _attempts_spent(stage)
    while time.monotonic() < ends:
        time.sleep(0.1)
    looks = sum(one.event == "half_opened" for one in guards.transitions(limit=1000))
    return Costs(before, _attempts_spent(stage) - before, looks)


def _attempts_spent(stage: Stage) -> int:
    """By all jobs that wait, as their messages have it."""
    messages = [json.loads(message) for message in stage.client.hvals(KEYS.jobs)]
    return sum(message["options"].get("retries", 0) for message in messages)


def _ramp(closed_ms: float) -> Callable[[int], int]:
    """The most that may run at an instant, by the rule as it is documented: from the probes to the limit in a straight line."""

    def allowed(at_ns: int) -> int:
        elapsed_ms = at_ns / 1e6 - closed_ms
        if elapsed_ms < 0:
            return PROBES
        risen = -(-LIMIT * elapsed_ms // (RAMP / timedelta(milliseconds=1)))
        return min(LIMIT, max(PROBES, int(risen)))

    return allowed
