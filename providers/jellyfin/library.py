"""A scan of Jellyfin's libraries, from the request to its end."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from leeward.extension.errors import Misconfigured, Transient
from providers.jellyfin.server import Server
from providers.jellyfin.transport import Transport

TASK = "RefreshLibrary"
"""The key of the scheduled task that scans (`RefreshMediaLibraryTask`)."""
POLL_EVERY = timedelta(seconds=2)
_IDLE = "Idle"
_COMPLETED = "Completed"


@dataclass(frozen=True, slots=True)
class Scan:
    """The scheduled task that scans, as the server shows it.

    Attributes:
        is_running: also while it is being cancelled.
        percent: how far it is; None when it does not run.
        ended: when it ended last, as the server writes it; None before it ever has.
        status: how it ended then: `Completed`, `Failed`, `Cancelled` or `Aborted`.
    """

    is_running: bool
    percent: float | None
    ended: str | None
    status: str | None


class Library:
    """Thread-safe, as its transport is."""

    def __init__(self, transport: Transport) -> None:
        self._transport, self._server = transport, Server(transport)

    def scan(self) -> Scan:
        """Raises `leeward.extension.errors`."""
        tasks = self._transport.call("library_scan", "GET", "/ScheduledTasks")
        listed = tasks if isinstance(tasks, list) else []
        named = [task for task in listed if isinstance(task, dict) and task.get("Key") == TASK]
        if not named:
            message = "Jellyfin lists no task that scans its libraries; the URL leads to something that is not the API"
            raise Misconfigured(message, provider=self._transport.config.name, operation="library_scan")
        task, percent = named[0], named[0].get("CurrentProgressPercentage")
        last = task.get("LastExecutionResult")
        ended: dict[str, Any] = last if isinstance(last, dict) else {}
        return Scan(
            is_running=task.get("State") != _IDLE,
            percent=float(percent) if isinstance(percent, int | float) else None,
            ended=_text(ended.get("EndTimeUtc")),
            status=_text(ended.get("Status")),
        )

    def refresh(
        self, on_progress: Callable[[float], None], *, pause: Callable[[float], object] = time.sleep
    ) -> dict[str, Any]:
        """Has all libraries scanned and waits until a scan has ended that began after this was called.

        One that runs is waited for first: a request would break it off and begin it again.

        Args:
            on_progress: called at every poll, with the percentage; what it raises ends the wait.
            pause: waits so many seconds between two polls.

        Returns:
            `ended`: when, as the server writes it.

        Raises:
            ProviderError: `Transient` also where the scan was cancelled or failed.
        """
        before = self._when_idle(on_progress, pause)
        self._server.refresh_library()
        after = self._when_idle(on_progress, pause)
        while after.ended == before.ended:  # queued, and not begun
            on_progress(0.0)
            pause(POLL_EVERY.total_seconds())
            after = self._when_idle(on_progress, pause)
        if after.status != _COMPLETED:
            message = f"the scan of the libraries ended as {after.status}; Jellyfin's log says why"
            raise Transient(message, provider=self._transport.config.name, operation="library_scan")
        return {"ended": after.ended}

    def _when_idle(self, on_progress: Callable[[float], None], pause: Callable[[float], object]) -> Scan:
        while (found := self.scan()).is_running:
            on_progress(found.percent or 0.0)
            pause(POLL_EVERY.total_seconds())
        return found


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None
