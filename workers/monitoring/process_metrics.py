"""What the worker processes of a host have counted, added up."""

import threading
from collections.abc import Iterable
from pathlib import Path

import structlog
from prometheus_client import Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from workers.monitoring.dead_metrics import UNREADABLE, merge_dead, values
from workers.processes.liveness import is_alive

_log = structlog.get_logger(__name__)


class ProcessMetrics(Collector):
    """Sums over all processes that ever kept their metrics in the folder, so that one that is killed takes nothing away. Thread-safe."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()

    def collect(self) -> Iterable[Metric]:
        with self._lock:
            # A process makes its file before it gives it a size, and may be killed in between. MultiProcessCollector itself fails then.
            files = [file for file in self._folder.glob("*.db") if file.stat().st_size]
            try:
                return _merged(files)
            except UNREADABLE:
                return _merged([file for file in files if _is_readable(file)])

    def merge_dead(self) -> None:
        """To be called when a process has ended. What cannot be done for want of room is done at the next end."""
        with self._lock:
            try:
                merge_dead(self._folder, is_alive)
            except OSError as error:
                _log.warning("metrics_not_merged", error=str(error))


def _merged(files: Iterable[Path]) -> Iterable[Metric]:
    merged: Iterable[Metric] = MultiProcessCollector.merge([str(file) for file in files])
    return merged


def _is_readable(file: Path) -> bool:
    try:
        values(file)
    except UNREADABLE as error:
        _log.warning("metrics_unreadable", file=file.name, error=str(error))
        return False
    return True
