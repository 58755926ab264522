"""What the worker processes of a host have counted, added up."""

from collections.abc import Iterable
from pathlib import Path

from prometheus_client import Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector


class ProcessMetrics(Collector):
    """Sums over all processes that ever kept their metrics in the folder, so that one that is killed takes nothing away."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def collect(self) -> Iterable[Metric]:
        # A process makes its file before it gives it a size, and may be killed in between. MultiProcessCollector itself fails then.
        files = [str(file) for file in self._folder.glob("*.db") if file.stat().st_size]
        metrics: Iterable[Metric] = MultiProcessCollector.merge(files)  # type: ignore[no-untyped-call] # prometheus_client
        return metrics
