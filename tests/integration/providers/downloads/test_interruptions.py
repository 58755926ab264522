import sys
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from dramatiq.middleware import Interrupt, Shutdown, TimeLimitExceeded
from dramatiq.middleware.threading import raise_thread_exception

from leeward.jobs.download.file import DownloadFile
from providers.downloads.downloader import Downloader
from simulators.faults import Effect, Rule, Stage
from simulators.files.server import FilesSimulator
from tests.integration.providers.downloads.on_disk import asked, own_files, part, sha256
from tests.support.processes import RunningProcess
from tests.support.waiting import wait_until

Wanted = Callable[..., DownloadFile]
SIZE = 4_000_000
MODULE = "tests.integration.providers.downloads.download_process"


def test_a_killed_process_costs_only_what_came_after_its_last_checkpoint(
    host: FilesSimulator,
    downloader: Downloader,
    wanted: Wanted,
    root: Path,
    start_process: Callable[..., RunningProcess],
) -> None:
    host.publish("/a.iso", size=SIZE, bytes_per_second=500_000)
    process = start_process([sys.executable, "-m", MODULE, str(root), f"{host.url}/a.iso", "a.iso"])
    wait_until(lambda: _progress(process) > 500_000, description="half a megabyte is there", timeout=60)
    process.kill()
    had = _progress(process)
    file = host.publish("/a.iso", size=SIZE)

    found = downloader.fetch(wanted())

    assert found.resumed_from >= had - 100_000
    assert found.sha256 == file.sha256() == sha256(root / "a.iso")
    assert (f"bytes={found.resumed_from}-", 206) in asked(host)
    assert own_files(root) == []


def _progress(process: RunningProcess) -> int:
    lines = [line for line in process.output.splitlines() if line.startswith("has ")]
    return int(lines[-1].removeprefix("has ")) if lines else 0


@pytest.mark.parametrize("interrupt", [TimeLimitExceeded, Shutdown])
def test_an_interrupt_from_outside_leaves_a_part_that_can_be_continued(
    host: FilesSimulator, downloader: Downloader, wanted: Wanted, root: Path, interrupt: type[Interrupt]
) -> None:
    host.publish("/a.iso", size=SIZE, bytes_per_second=500_000)
    ended = _interrupt_midway(downloader, wanted(), interrupt, lambda: part(root).stat().st_size > 300_000)
    file = host.publish("/a.iso", size=SIZE)

    found = downloader.fetch(wanted())

    assert isinstance(ended, interrupt)
    assert found.resumed_from >= 300_000
    assert found.sha256 == file.sha256() == sha256(root / "a.iso")


def test_an_interrupt_while_the_host_is_silent_strikes_when_the_read_times_out(
    host: FilesSimulator, connect: Callable[..., Downloader], wanted: Wanted, root: Path
) -> None:
    file = host.publish("/a.iso", size=SIZE)
    host.faults.set(Rule(effect=Effect.HANG, stage=Stage.DURING, after_bytes=SIZE // 2))
    downloader = connect(read_timeout=timedelta(seconds=2))
    ended = _interrupt_midway(downloader, wanted(), TimeLimitExceeded, lambda: part(root).stat().st_size == SIZE // 2)
    host.faults.reset()

    found = downloader.fetch(wanted())

    assert isinstance(ended, TimeLimitExceeded)
    assert (found.resumed_from, found.sha256) == (SIZE // 2, file.sha256())


def test_interrupts_leave_no_descriptors_and_no_locks_behind(
    host: FilesSimulator, downloader: Downloader, wanted: Wanted, root: Path
) -> None:
    host.publish("/a.iso", size=SIZE, bytes_per_second=500_000)
    sizes: list[int] = []

    def has_grown() -> bool:
        return part(root).stat().st_size > (sizes[-1] if sizes else 0) + 100_000

    for _ in range(5):
        _interrupt_midway(downloader, wanted(), TimeLimitExceeded, has_grown)
        sizes.append(part(root).stat().st_size)
    wait_until(lambda: len(asked(host)) == 5, description="the host has noticed")

    assert sizes == sorted(sizes)
    assert not [path for path in Path("/proc/self/fd").iterdir() if str(root) in _target(path)]


def _target(descriptor: Path) -> str:
    try:
        return str(descriptor.readlink())
    except FileNotFoundError:
        return ""  # closed since it was listed


def _interrupt_midway(
    downloader: Downloader, job: DownloadFile, interrupt: type[Interrupt], is_midway: Callable[[], bool]
) -> BaseException | None:
    """Runs a delivery in a thread, as a worker does, and interrupts it as Dramatiq does."""
    ended: list[BaseException] = []

    def run() -> None:
        try:
            downloader.fetch(job)
        except BaseException as error:  # an interrupt is what we wait for
            ended.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    wait_until(lambda: _holds(is_midway), description="the delivery is in the middle of the file", timeout=60)
    assert thread.ident is not None
    raise_thread_exception(thread.ident, interrupt)
    thread.join(timeout=60)
    assert not thread.is_alive()
    return ended[0] if ended else None


def _holds(condition: Callable[[], bool]) -> bool:
    try:
        return condition()
    except (FileNotFoundError, ValueError):
        return False  # no part yet
