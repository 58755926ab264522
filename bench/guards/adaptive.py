"""A provider that can take 16 calls at once, then 4, then 16: limits that are right, too high and too low, and the adaptive one."""

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace

import dramatiq

from bench.guards.site.crowd import Crowd
from bench.guards.site.guarded import guarded, send_visit
from bench.guards.site.load import Load, Phase, load, settled_seconds
from bench.guards.site.site import Site, Visit
from bench.report import Report, say
from bench.stage import Stage
from broker.guards.config import GuardConfig
from broker.guards.store import Guards
from leeward.wire.keys import ProviderKeys

QUEUE, KEYS = "sync.site", ProviderKeys("site")
PROCESSES = 2
CAPACITY, LESS, PLACES_IN_QUEUE = 16, 4, 96
WORK_SECONDS, SPREAD = 0.1, 0.5
TOO_HIGH, TOO_LOW = 128, 3
CONSTANT_SECONDS, CONSTANT_LIMIT = 0.2, 64
BACKLOG = 400
TARGET_GOODPUT, TARGET_P99, TARGET_CONSTANT = 0.8, 2.0, 0.95
SETTLED_GOODPUT, SETTLED_P50 = 0.8, 2.5
# The limit alone is to be seen, so the circuit only watches.
ALONE = GuardConfig(observe=True)


@dataclass(frozen=True, slots=True)
class Contender:
    """One way to limit a provider. `informed`: the limit is changed at the same time as the capacity."""

    name: str
    config: GuardConfig
    informed: bool = False


RIGHT = Contender("right", replace(ALONE, limit=CAPACITY), informed=True)
HIGH = Contender("too_high", replace(ALONE, limit=TOO_HIGH))
LOW = Contender("too_low", replace(ALONE, limit=TOO_LOW))
ADAPTIVE = Contender("adaptive", replace(ALONE, limit=TOO_HIGH, adaptive=True))
UNLIMITED = Contender("unlimited", ALONE)
ADAPTIVE_CONSTANT = Contender("adaptive", replace(ALONE, limit=CONSTANT_LIMIT, adaptive=True))


@dataclass(frozen=True, slots=True)
class Plan:
    """How long each phase takes, in seconds. `steady` follows `start`; then the capacity falls (`less`) and comes back (`more`)."""

    contenders: Sequence[Contender]
    start: float
    steady: float
    less: float
    more: float
    constant_start: float
    constant: float


@dataclass(frozen=True, slots=True)
class Trial:
    """What the provider saw of one contender."""

    steady: Load
    less: Load
    more: Load
    less_settled_seconds: float | None
    more_settled_seconds: float | None
    dead: int

    def details(self) -> dict[str, object]:
        phases = {name: getattr(self, name)._asdict() for name in ("steady", "less", "more")}
        return asdict(self) | phases


FULL = Plan((RIGHT, HIGH, LOW, ADAPTIVE), start=15, steady=25, less=25, more=25, constant_start=20, constant=25)
QUICK = Plan((RIGHT, ADAPTIVE), start=7, steady=3, less=4, more=3, constant_start=0, constant=0)


def run(stage: Stage, *, quick: bool) -> Report:
    plan = QUICK if quick else FULL
    trials = {one.name: _trial(stage, one, plan) for one in plan.contenders}
    constant = {one.name: _constant(stage, one, plan) for one in (UNLIMITED, ADAPTIVE_CONSTANT) if plan.constant}
    right, adaptive = trials["right"].steady, trials["adaptive"].steady
    goodput, p99 = adaptive.goodput / right.goodput, (adaptive.p99_ms or 0) / (right.p99_ms or 1)
    no_harm = constant["adaptive"].goodput / constant["unlimited"].goodput if constant else None
    return Report(
        bench="adaptive",
        unit="part of the right limit's goodput that the adaptive one reaches without knowing it",
        plain=None,
        leeward=goodput,
        ratio=None,
        target=f">= {TARGET_GOODPUT:.0%} of its goodput with p99 <= {TARGET_P99:g}x; "
        f">= {TARGET_CONSTANT:.0%} of no limit's where latency is constant",
        met=goodput >= TARGET_GOODPUT and p99 <= TARGET_P99 and (no_harm is None or no_harm >= TARGET_CONSTANT),
        details={
            "p99_to_right": p99,
            "constant_goodput_to_unlimited": no_harm,
            "contenders": {name: trial.details() for name, trial in trials.items()},
            "constant": {name: seen._asdict() for name, seen in constant.items()},
            "capacity": CAPACITY,
            "capacity_less": LESS,
            "work_seconds": WORK_SECONDS,
            "ceiling": TOO_HIGH,
        },
    )


def _trial(stage: Stage, contender: Contender, plan: Plan) -> Trial:
    crowd = Crowd(CAPACITY, queue=PLACES_IN_QUEUE)
    site = Site(WORK_SECONDS, spread=SPREAD, crowd=crowd)

    def change(guards: Guards, capacity: int) -> None:
        crowd.capacity = capacity
        if contender.informed:
            guards.set("bench", limit=capacity)

    def phases(go_on: Callable[[float], Phase], guards: Guards) -> list[Phase]:
        go_on(plan.start)
        steady = go_on(plan.steady)
        change(guards, LESS)
        less = go_on(plan.less)
        change(guards, CAPACITY)
        return [steady, less, go_on(plan.more)]

    (steady, less, more), visits, dead = _under_load(stage, contender, site, TOO_HIGH, phases)
    trial = Trial(
        steady=load(visits, steady),
        less=load(visits, less),
        more=load(visits, more),
        less_settled_seconds=_settled(visits, less, LESS),
        more_settled_seconds=_settled(visits, more, CAPACITY),
        dead=dead,
    )
    say(f"{contender.name}: {trial}")
    return trial


def _constant(stage: Stage, contender: Contender, plan: Plan) -> Load:
    """A provider whose latency does not depend on how many call it."""

    def phases(go_on: Callable[[float], Phase], _: Guards) -> list[Phase]:
        go_on(plan.constant_start)
        return [go_on(plan.constant)]

    site = Site(CONSTANT_SECONDS, spread=SPREAD)
    (phase,), visits, _ = _under_load(stage, contender, site, CONSTANT_LIMIT, phases)
    seen = load(visits, phase)
    say(f"constant latency, {contender.name}: {seen}")
    return seen


def _under_load(
    stage: Stage,
    contender: Contender,
    site: Site,
    threads: int,
    phases: Callable[[Callable[[float], Phase], Guards], list[Phase]],
) -> tuple[list[Phase], list[Visit], int]:
    """Runs the phases with more jobs waiting than anybody can do. Returns them, all visits, and how many jobs died."""
    stage.clear()
    system = guarded({"site": contender.config})
    broker = system.producer(stage.url, [QUEUE])
    with (
        site,
        stage.fleet(system, queues=[QUEUE], processes=PROCESSES, threads=threads // PROCESSES, env=site.env),
    ):
        feed = Feed(stage, broker)
        found = phases(feed.go_on, Guards(stage.client, "site"))
        return found, site.visits(), int(stage.client.xlen(KEYS.dead))


class Feed:
    """Keeps a backlog in front of the fleet."""

    def __init__(self, stage: Stage, broker: dramatiq.Broker) -> None:
        self._stage, self._broker = stage, broker
        self._sent = 0

    def go_on(self, seconds: float) -> Phase:
        """For so long."""
        began_ns, ends = time.time_ns(), time.monotonic() + seconds
        while time.monotonic() < ends:
            for _ in range(max(0, BACKLOG - int(self._stage.client.llen(KEYS.ready(QUEUE, "normal"))))):
                send_visit(self._broker, QUEUE, self._sent)
                self._sent += 1
            time.sleep(0.1)
        return Phase(began_ns, time.time_ns())


def _settled(visits: Sequence[Visit], phase: Phase, capacity: int) -> float | None:
    return settled_seconds(
        visits,
        phase,
        goodput=SETTLED_GOODPUT * capacity / WORK_SECONDS,
        p50_ms=SETTLED_P50 * WORK_SECONDS * 1000,
    )
