from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from leeward.extension.errors import Misconfigured, Permanent, TargetUnavailable, Transient
from providers.ytdlp.output import Finished, Item, Progress
from providers.ytdlp.watch import Watch

STALL, TIMEOUT = timedelta(seconds=60), timedelta(hours=1)


@dataclass
class Disk:
    size: int = 0
    free: int = 10_000

    def size_bytes(self) -> int:
        return self.size

    def free_bytes(self) -> int:
        return self.free


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def disk() -> Disk:
    return Disk()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def watch(disk: Disk, clock: Clock) -> Watch:
    return Watch(
        "https://h/a", disk, size_limit_bytes=1000, reserve_bytes=500, stall_timeout=STALL, timeout=TIMEOUT, clock=clock
    )


def _item(*, entries: int = 1, live_status: str | None = None) -> Item:
    return Item("1", "A film", "generic", None, live_status, entries)


@pytest.mark.parametrize("live_status", [None, "not_live", "was_live", "post_live", "something new"])
def test_one_film_is_taken(watch: Watch, live_status: str | None) -> None:
    watch.heard(_item(live_status=live_status))


def test_a_list_is_refused(watch: Watch) -> None:
    with pytest.raises(Permanent, match="is a list of 3: enqueue a job for each"):
        watch.heard(_item(entries=3))


@pytest.mark.parametrize("live_status", ["is_live", "is_upcoming"])
def test_a_broadcast_is_waited_for(watch: Watch, live_status: str) -> None:
    with pytest.raises(TargetUnavailable) as refused:
        watch.heard(_item(live_status=live_status))

    assert refused.value.patience is not None


@pytest.mark.parametrize("progress", [Progress(1001, None, None), Progress(0, 1001, None)])
def test_a_film_that_is_larger_than_the_job_allows_is_refused(watch: Watch, progress: Progress) -> None:
    with pytest.raises(Permanent, match="size_limit_bytes"):
        watch.heard(progress)


def test_an_estimate_refuses_nothing(watch: Watch) -> None:
    watch.heard(Progress(1000, 1000, None))
    watch.heard(Progress(0, None, 10**9))


def test_what_is_written_without_a_report_is_counted_too(watch: Watch, disk: Disk) -> None:
    disk.size = 2000  # two streams, and what they are joined into
    watch.look()
    disk.size = 2002
    watch.look()  # within the same second

    with pytest.raises(Permanent, match="size_limit_bytes"):
        _later(watch, seconds=1)


def test_a_full_disk_is_for_an_operator(watch: Watch, disk: Disk) -> None:
    disk.free = 499

    with pytest.raises(Misconfigured, match="499 bytes are free, and 500 are to stay free"):
        watch.look()


def test_a_download_that_does_not_move_is_ended(watch: Watch) -> None:
    watch.look()
    _later(watch, seconds=59)

    with pytest.raises(Transient, match="nothing has moved for 60 s") as ended:
        _later(watch, seconds=1)

    assert ended.value.condition == "TIMEOUT"


def test_a_report_or_a_byte_counts_as_moving(watch: Watch, disk: Disk) -> None:
    _later(watch, seconds=59)
    watch.heard(Finished(Path("media.mp4")))
    _later(watch, seconds=59)
    disk.size = 1
    _later(watch, seconds=59)
    _later(watch, seconds=59)


def test_an_attempt_ends_after_its_total_time(watch: Watch) -> None:
    for _ in range(119):
        watch.heard(Progress(1, None, None))
        _later(watch, seconds=30)
    watch.heard(Progress(1, None, None))

    with pytest.raises(Transient, match="took too long") as ended:
        _later(watch, seconds=30)

    assert ended.value.condition == "TIMEOUT"


def _later(watch: Watch, *, seconds: float) -> None:
    clock = watch._clock
    assert isinstance(clock, Clock)
    clock.now += seconds
    watch.look()
