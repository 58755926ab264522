"""A provider begins to fail: how long until the whole fleet leaves it alone; and how many probe it at once afterwards."""

import time
from dataclasses import dataclass
from datetime import timedelta

import dramatiq

from bench.guards.site.guarded import guarded, send_visit
from bench.guards.site.site import Site
from bench.guards.site.time_ranges import TimeRange, most_at_once
from bench.quantiles import median
from bench.report import Report, say
from bench.stage import Stage
from bench.waiting import wait_for
from broker.guards.config import GuardConfig, Mode
from broker.guards.store import Guards

QUEUE = "sync.site"
PROCESSES, THREADS = 8, 2
PROBES = 2
TARGET_SECONDS = 1.0
QUIET_SECONDS = 2.0
BACKLOG = 400
SHUT = GuardConfig(limit=16, probes=PROBES, open_for=timedelta(minutes=5), ramp=timedelta(0))
SOON = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Plan:
    """`half_opens`: how often the circuit tries a provider that still fails."""

    rounds: int
    half_opens: int


FULL = Plan(rounds=5, half_opens=15)
QUICK = Plan(rounds=2, half_opens=4)


def run(stage: Stage, *, quick: bool) -> Report:
    plan = QUICK if quick else FULL
    system = guarded({"site": SHUT})
    broker = system.producer(stage.url, [QUEUE])
    with (
        Site(work_seconds=0.03) as site,
        stage.fleet(system, queues=[QUEUE], processes=PROCESSES, threads=THREADS, env=site.env),
    ):
        guards = Guards(stage.client, "site")
        reactions = [_reaction_seconds(broker, guards, site) for _ in range(plan.rounds)]
        most, probes, stayed_seconds = _probing(broker, guards, site, plan.half_opens)
        stage.wait_until_drained(system, queue=QUEUE)
    say(f"the fleet let go after {max(reactions):.3f} s at most; {most} of {probes} probes at once at most")
    return Report(
        bench="reaction",
        unit="s from the first failing answer to the last call of the fleet, the slowest round",
        plain=None,
        leeward=max(reactions),
        ratio=None,
        target=f"<= {TARGET_SECONDS:g} s; never more than {PROBES} probes at once, {PROCESSES} processes racing",
        met=max(reactions) <= TARGET_SECONDS and most <= PROBES and probes > plan.half_opens,
        details={
            "median": median(reactions),
            "rounds": reactions,
            "probes_at_once": most,
            "probes": probes,
            "half_opens": plan.half_opens,
            "open_for_seconds": SOON.total_seconds(),
            "stayed_open_seconds": {"median": median(stayed_seconds), "max": max(stayed_seconds)},
            "processes": PROCESSES,
        },
    )


def _reaction_seconds(broker: dramatiq.Broker, guards: Guards, site: Site) -> float:
    """In full traffic, with far more than the minimum of calls in the window."""
    before = len(site.visits())
    for number in range(BACKLOG):
        send_visit(broker, QUEUE, number)
    wait_for(lambda: len(site.visits()) >= before + BACKLOG // 4, "traffic")
    site.failing = True
    wait_for(lambda: guards.state().state == "open", "the circuit to open")
    time.sleep(QUIET_SECONDS)
    visits = site.visits()[before:]
    first_failure_ns = min(visit.ended_ns for visit in visits if not visit.ok)
    site.failing = False
    guards.mode(Mode.AUTO, "bench", "the round is over")
    wait_for(lambda: len(site.visits()) >= before + BACKLOG, "the backlog to drain", limit_seconds=60)
    return max(0, visits[-1].began_ns - first_failure_ns) / 1e9


def _probing(broker: dramatiq.Broker, guards: Guards, site: Site, half_opens: int) -> tuple[int, int, list[float]]:
    """A circuit that tries again every second, from its opening to its closing.

    Returns:
        The most probes at once, how many there were, and how long the circuit really stayed open each time.
    """
    guards.set("bench", open_for=SOON, open_at_most=SOON)
    site.work_seconds, site.failing = 0.2, True
    began_ms = time.time() * 1000
    for number in range(BACKLOG):
        send_visit(broker, QUEUE, number)

    def events(name: str) -> list[float]:
        latest = ((one.event, one.at.timestamp() * 1000) for one in guards.transitions(limit=1000))
        return [at_ms for event, at_ms in latest if event == name and at_ms >= began_ms]

    wait_for(lambda: len(events("half_opened")) >= half_opens, "probes", limit_seconds=10 + 3 * half_opens)
    site.failing = False
    wait_for(lambda: bool(events("closed")), "the circuit to close", limit_seconds=30)
    opened_ms, closed_ms = min(events("opened")), max(events("closed"))
    site.work_seconds = 0.0
    # What was admitted before the circuit opened may still have been on its way: a first half-open time is a second later.
    first_probe_ms = min(at_ms for at_ms in events("half_opened") if at_ms > opened_ms)
    probes = [
        TimeRange(visit.began_ns, visit.ended_ns)
        for visit in site.visits()
        if first_probe_ms <= visit.began_ns / 1e6 < closed_ms
    ]
    opened = sorted(events("opened"))
    stayed = [(at_ms - max(one for one in opened if one < at_ms)) / 1000 for at_ms in sorted(events("half_opened"))]
    return most_at_once(probes), len(probes), stayed
