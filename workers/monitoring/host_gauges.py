"""What one host is and reaches, as Prometheus families."""

import platform
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import redis
import structlog
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from leeward.wire.valkey.refusal import sentence
from workers.release import release

if TYPE_CHECKING:
    from workers.background.drainer import Drainer

_log = structlog.get_logger(__name__)


class HostGauges(Collector):
    """Failure stance: what cannot be reached is reported as such."""

    def __init__(
        self, client: redis.Redis, drainer: "Drainer | None", machine: Callable[[], Iterable[Metric]] = tuple
    ) -> None:
        self._client = client
        self._drainer = drainer
        self._machine = machine

    def collect(self) -> Iterable[Metric]:
        yield _build()
        yield GaugeMetricFamily("leeward_valkey_up", "Whether Valkey answers.", value=self._is_answered())
        if self._drainer:
            yield from _drain(self._drainer)
        yield from self._machine()

    def _is_answered(self) -> bool:
        try:
            self._client.time()
        except redis.RedisError as error:
            _log.warning("valkey_does_not_answer", error=sentence(error))
            return False
        return True


def _build() -> GaugeMetricFamily:
    family = GaugeMetricFamily(
        "leeward_build_info", "1, with the release that the host runs.", labels=["release", "python"]
    )
    family.add_metric([release(), platform.python_version()], 1)
    return family


def _drain(drainer: "Drainer") -> Iterable[Metric]:
    yield CounterMetricFamily(
        "leeward_outbox_drained", "Dead letters that this host has moved into PostgreSQL.", value=drainer.counts.drained
    )
    yield GaugeMetricFamily(
        "leeward_outbox_drain_ok", "Whether this host's drainer can reach both servers.", value=drainer.sign.is_well
    )
