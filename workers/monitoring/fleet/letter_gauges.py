"""Open dead letters, counted in PostgreSQL every half minute at most, as a Prometheus family."""

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta

import structlog
from prometheus_client.core import GaugeMetricFamily

from leeward.jobs.dead_reason import DeadReason
from leeward.redaction import cleaned

COUNT_EVERY = timedelta(seconds=30)
"""A million of them take a second to count, and several collectors may ask."""

_log = structlog.get_logger(__name__)
Counted = Mapping[tuple[str, str], int]


class LetterGauges:
    """Failure stance: while PostgreSQL cannot be asked, the family is absent. Thread-safe: one thread counts at a time.

    Args:
        count: by provider and reason; whatever it raises, PostgreSQL cannot be asked.
        monotonic: seconds of a clock of this process.
    """

    def __init__(self, count: Callable[[], Counted], *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._count = count
        self._monotonic = monotonic
        self._counting = threading.Lock()
        self._counted: Counted | None = None
        self._again_at = float("-inf")

    def families(self, providers: Iterable[str]) -> Iterable[GaugeMetricFamily]:
        """Those of these providers are there from the beginning."""
        with self._counting:
            if self._monotonic() >= self._again_at:
                self._counted = self._asked()
                self._again_at = self._monotonic() + COUNT_EVERY.total_seconds()
            counted = self._counted
        if counted is None:
            return
        family = GaugeMetricFamily(
            "leeward_open_dead_letters",
            "Dead letters in PostgreSQL that wait for a decision.",
            labels=["provider", "reason"],
        )
        for provider in sorted({*providers, *(provider for provider, _ in counted)}):
            for reason in DeadReason:
                family.add_metric([provider, reason.value], counted.get((provider, reason.value), 0))
        yield family

    def _asked(self) -> Counted | None:
        try:
            return self._count()
        except Exception as error:  # whichever way a database fails
            _log.warning("letters_not_counted", error=cleaned(str(error).partition("\n")[0]))
            return None
