"""A library was scanned when a scan has ended that began after it was asked for."""

from typing import Any

import pytest

from actors.sync import SCAN_TIME_LIMIT, SET_TIME_LIMIT, sync_library
from broker.guards.config import GuardConfig
from leeward.extension.errors import Misconfigured, Permanent, Transient
from leeward.jobs.sync.library import SyncLibrary
from providers.jellyfin.provider import Jellyfin
from providers.jellyfin.user_directory import UserDirectory
from simulators.faults import Effect, Rule
from simulators.jellyfin.server import JellyfinSimulator


class Clock:
    """Passes when someone waits."""

    def __init__(self, simulator: JellyfinSimulator) -> None:
        self.now, self.pauses = 1_790_000_000.0, 0
        simulator.library._clock = lambda: self.now

    def pause(self, seconds: float) -> None:
        self.now += seconds
        self.pauses += 1


@pytest.fixture
def clock(jellyfin: JellyfinSimulator) -> Clock:
    jellyfin.configure({"scan_ms": 9_000})
    return Clock(jellyfin)


def refreshed(directory: UserDirectory, clock: Clock) -> tuple[dict[str, Any], list[float]]:
    seen: list[float] = []
    return directory.library.refresh(seen.append, pause=clock.pause), seen


def test_a_refresh_ends_with_its_scan(jellyfin: JellyfinSimulator, directory: UserDirectory, clock: Clock) -> None:
    result, seen = refreshed(directory, clock)

    assert seen == sorted(seen)
    assert len(seen) == 5
    assert result["ended"] == jellyfin.library.task()["LastExecutionResult"]["EndTimeUtc"]
    assert jellyfin.record.entries("library_scanned")[0]["status"] == "Completed"


def test_a_scan_that_runs_is_not_broken_off(
    jellyfin: JellyfinSimulator, directory: UserDirectory, clock: Clock
) -> None:
    jellyfin.library.refresh(20_000)
    clock.now += 5

    refreshed(directory, clock)

    assert [entry["status"] for entry in jellyfin.record.entries("library_scanned")] == ["Completed", "Completed"]


@pytest.mark.parametrize("status", ["Failed", "Cancelled", "Aborted"])
def test_a_scan_that_did_not_complete_is_asked_for_again(
    jellyfin: JellyfinSimulator, directory: UserDirectory, clock: Clock, status: str
) -> None:
    jellyfin.library.ends_as = status

    with pytest.raises(Transient, match=status):
        refreshed(directory, clock)


def test_a_list_without_the_task_is_of_something_else(jellyfin: JellyfinSimulator, directory: UserDirectory) -> None:
    rule = Rule(operation="GET /ScheduledTasks", effect=Effect.STATUS, status=200, body="[]")
    jellyfin.faults.set(rule.model_copy(update={"content_type": "application/json"}))

    with pytest.raises(Misconfigured, match="no task"):
        directory.library.scan()


def test_a_section_is_refused() -> None:
    with pytest.raises(Permanent, match="as a whole"):
        sync_library(SyncLibrary(provider="jellyfin", section="Films"), None)  # type: ignore[arg-type]


def test_a_job_that_takes_its_time_is_no_slow_call() -> None:
    assert GuardConfig().changed(**Jellyfin.guards).slow > max(SCAN_TIME_LIMIT, SET_TIME_LIMIT)
