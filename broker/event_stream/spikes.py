"""When many more jobs of a provider die than usually."""

from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from broker.fleet.totals import Totals

WITHIN = timedelta(minutes=5)
USUAL_OVER = timedelta(hours=1)
LEAST = 10
"""Fewer deaths within five minutes are no spike."""
TIMES_USUAL = 5


@dataclass(frozen=True, slots=True)
class Spike:
    """Attributes:
    dead: jobs of the provider that died within `WITHIN`.
    usual: how many that were in five minutes of the hour before, on average.
    reasons: reason -> how many of them.
    """

    provider: str
    dead: int
    usual: float
    reasons: Mapping[str, int]


@dataclass(slots=True)
class SpikeDetector:
    """Sees spikes in the totals of dead jobs. What it has not seen itself it does not know: after its start nothing is usual.

    Not for threads. Needs memory for a check every few seconds of an hour.
    """

    _looks: deque[tuple[float, dict[str, Counter[str]]]] = field(default_factory=deque)

    def look(self, totals: Mapping[str, Totals], *, now: float) -> list[Spike]:
        """The providers at which more jobs die than usually, as of now.

        Args:
            totals: of each provider.
            now: monotonic seconds.
        """
        dead = {provider: _by_reason(one) for provider, one in totals.items()}
        self._looks.append((now, dead))
        begin = now - (WITHIN + USUAL_OVER).total_seconds()
        while self._looks[0][0] < begin:
            self._looks.popleft()
        return [spike for provider in sorted(dead) if (spike := self._spike(provider, dead[provider], now))]

    def _spike(self, provider: str, dead: Counter[str], now: float) -> Spike | None:
        first_at, first = self._looks[0]
        edge_at, edge = next(look for look in self._looks if look[0] >= now - WITHIN.total_seconds())
        # A provider that was not there yet had no dead jobs.
        recent = dead - edge.get(provider, Counter())
        before = edge.get(provider, Counter()) - first.get(provider, Counter())
        parts = max(1.0, (edge_at - first_at) / WITHIN.total_seconds())
        usual = before.total() / parts
        if recent.total() < LEAST or recent.total() < TIMES_USUAL * usual:
            return None
        return Spike(provider, recent.total(), round(usual, 1), dict(recent))


def _by_reason(totals: Totals) -> Counter[str]:
    found = Counter[str]()
    for (_, reason), count in totals.dead.items():
        found[reason] += count
    return found
