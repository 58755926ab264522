"""Rules for judging how a provider fared under load, from what it has seen."""

from collections.abc import Sequence
from typing import NamedTuple

from bench.guards.site.actors import PATIENCE_SECONDS
from bench.guards.site.site import Visit
from bench.quantiles import quantile

WINDOW_SECONDS, STEP_SECONDS = 2.0, 0.5


class Phase(NamedTuple):
    """From when to when, in nanoseconds since the epoch."""

    began_ns: int
    ended_ns: int

    @property
    def seconds(self) -> float:
        return (self.ended_ns - self.began_ns) / 1e9


class Load(NamedTuple):
    """What a provider saw in one phase.

    Attributes:
        goodput: answers per second that were good and reached their caller.
        p50_ms, p99_ms: how long the provider took for those that it worked on, its queue included; None when there were none.
        failures: answers per second that were refusals, or came when the caller had gone.
    """

    goodput: float
    p50_ms: float | None
    p99_ms: float | None
    failures: float


def seconds_of(visit: Visit) -> float:
    return (visit.ended_ns - visit.began_ns) / 1e9


def reached_its_caller(visit: Visit) -> bool:
    return visit.ok and seconds_of(visit) < PATIENCE_SECONDS


def load(visits: Sequence[Visit], phase: Phase) -> Load:
    """Of the visits that ended in a phase."""
    ended = [visit for visit in visits if phase.began_ns <= visit.ended_ns < phase.ended_ns]
    good = sum(map(reached_its_caller, ended))
    worked_ms = [seconds_of(visit) * 1000 for visit in ended if visit.ok]
    return Load(
        goodput=good / phase.seconds,
        p50_ms=quantile(worked_ms, 0.5) if worked_ms else None,
        p99_ms=quantile(worked_ms, 0.99) if worked_ms else None,
        failures=(len(ended) - good) / phase.seconds,
    )


def settled_seconds(visits: Sequence[Visit], phase: Phase, *, goodput: float, p50_ms: float) -> float | None:
    """How long after the beginning of a phase the first two seconds began in which the provider gave so many answers, half of them as soon
    as that; None when there were none.
    """
    at_ns, window_ns = phase.began_ns, round(WINDOW_SECONDS * 1e9)
    while at_ns + window_ns <= phase.ended_ns:
        seen = load(visits, Phase(at_ns, at_ns + window_ns))
        if seen.goodput >= goodput and seen.p50_ms is not None and seen.p50_ms <= p50_ms:
            return (at_ns - phase.began_ns) / 1e9
        at_ns += round(STEP_SECONDS * 1e9)
    return None
