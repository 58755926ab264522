"""A simulated Jellyfin's scheduled task that scans its libraries."""

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from simulators.record import Record


class Library:
    """Thread-safe. A request while a scan runs breaks it off and begins another, as `CancelIfRunningAndQueue` does."""

    def __init__(self, record: Record, *, clock: Callable[[], float] = time.time) -> None:
        self._record, self._clock = record, clock
        self._lock = threading.Lock()
        self._began: float | None = None
        self._seconds = 0.0
        self._last: dict[str, Any] | None = None
        self.ends_as = "Completed"

    def refresh(self, scan_ms: int) -> None:
        with self._lock:
            self._settle()
            if self._began is not None:
                self._end("Cancelled", self._clock())
            self._began, self._seconds = self._clock(), scan_ms / 1000
            self._record.add("library_refreshed")

    def task(self) -> dict[str, Any]:
        """As `/ScheduledTasks` lists it."""
        with self._lock:
            self._settle()
            running = self._began is not None
            done = 0.0 if self._began is None else 100 * (self._clock() - self._began) / max(self._seconds, 0.001)
        shown: dict[str, Any] = {
            "Name": "Scan Media Library",
            "State": "Running" if running else "Idle",
            "Id": "7738148ffcd07979c7ceb148e06b3aed",
            "Triggers": [],
            "Description": "Scans your media library for new files and refreshes metadata.",
            "Category": "Library",
            "IsHidden": False,
            "Key": "RefreshLibrary",
        }
        shown |= {"CurrentProgressPercentage": min(done, 99.0)} if running else {}
        return shown if self._last is None else shown | {"LastExecutionResult": self._last}

    def _settle(self) -> None:
        if self._began is not None and self._clock() >= self._began + self._seconds:
            self._end(self.ends_as, self._began + self._seconds)

    def _end(self, status: str, at: float) -> None:
        assert self._began is not None
        self._last = {
            "StartTimeUtc": datetime.fromtimestamp(self._began, UTC).isoformat(),
            "EndTimeUtc": datetime.fromtimestamp(at, UTC).isoformat(),
            "Status": status,
            "Name": "Scan Media Library",
            "Key": "RefreshLibrary",
            "Id": "7738148ffcd07979c7ceb148e06b3aed",
        }
        self._began = None
        self._record.add("library_scanned", status=status)
