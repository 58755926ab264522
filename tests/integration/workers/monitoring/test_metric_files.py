"""Metric files with room that is really there: no process dies of a full disk, and what it has counted is seen again with the room."""

import errno
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import prometheus_client.values
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_client.mmap_dict import MmapedDict

from tests.support.examples import examples
from tests.support.infrastructure.own_tmpfs import ON_A_TMPFS, can_mount
from workers.monitoring import metric_files
from workers.monitoring.dead_metrics import values
from workers.monitoring.metric_files import ReservedDict

ROOT = Path(__file__).resolve().parents[4]
KEYS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=3000)
NUMBERS = st.floats(allow_nan=False)


@settings(max_examples=examples(30))
@given(st.dictionaries(KEYS, NUMBERS, max_size=60))
def test_what_is_written_is_read_as_the_library_reads_it(written: dict[str, float]) -> None:
    with TemporaryDirectory() as folder:
        file = Path(folder) / "counter_1.db"
        kept: MmapedDict = ReservedDict(str(file))
        for key, value in written.items():
            kept.write_value(key, value, 0.0)

        assert {key.rstrip(): value for key, value in values(file)} == {key.rstrip(): v for key, v in written.items()}
        assert all(kept.read_value(key)[0] == value for key, value in written.items())
        kept.close()


@pytest.mark.parametrize("series", [0, 1, 100, 2000, 20_000])
def test_every_block_is_there_before_it_is_written(tmp_path: Path, series: int) -> None:
    file = tmp_path / "counter_1.db"
    kept: MmapedDict = ReservedDict(str(file))
    for number in range(series):
        kept.write_value(f"a series with a name of some length, {number}", 1.0, 0.0)

    found = file.stat()
    assert found.st_blocks * 512 >= found.st_size
    kept.close()


def test_a_file_is_continued_by_whoever_opens_it_next(tmp_path: Path) -> None:
    first: MmapedDict = ReservedDict(str(tmp_path / "counter_1.db"))
    first.write_value("a", 3.0, 0.0)
    first.close()
    second: MmapedDict = ReservedDict(str(tmp_path / "counter_1.db"))

    assert second.read_value("a") == (3.0, 0.0)
    second.close()


class Disk:
    """Refuses what grows while it is full."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.error: int | None = None
        self._usual = os.posix_fallocate
        monkeypatch.setattr(os, "posix_fallocate", self.allocate)
        monkeypatch.setattr(metric_files, "TRY_AGAIN", timedelta(0))

    def allocate(self, descriptor: int, offset: int, length: int) -> None:
        if self.error is not None:
            raise OSError(self.error, os.strerror(self.error))
        self._usual(descriptor, offset, length)


@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EROFS])
@settings(max_examples=examples(20))
@given(data=st.data())
def test_what_was_counted_without_room_is_there_again_with_it(error: int, data: st.DataObject) -> None:
    steps = data.draw(
        st.lists(st.one_of(st.booleans(), st.tuples(st.integers(0, 400), st.integers(0, 9))), max_size=60)
    )
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as monkeypatch:
        disk = Disk(monkeypatch)
        disk.error = error if data.draw(st.booleans()) else None
        file = Path(folder) / "counter_1.db"
        kept: MmapedDict = ReservedDict(str(file))
        wanted: dict[str, float] = {}
        for step in steps:
            if isinstance(step, bool):
                disk.error = error if step else None
            else:
                key, value = f"{step[0]}" * 200, float(step[1])
                kept.write_value(key, value, 0.0)
                wanted[key] = value
        disk.error = None
        kept.write_value("last", 1.0, 0.0)

        assert dict(_stripped(file)) == {**wanted, "last": 1.0}
        assert "write_value" not in vars(kept)
        kept.close()


def test_a_file_system_that_cannot_reserve_is_written_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Disk(monkeypatch).error = errno.EOPNOTSUPP
    kept: MmapedDict = ReservedDict(str(tmp_path / "counter_1.db"))
    kept.write_value("a", 1.0, 0.0)

    assert dict(_stripped(tmp_path / "counter_1.db")) == {"a": 1.0}
    kept.close()


def test_a_folder_that_is_gone_costs_metrics_only(tmp_path: Path) -> None:
    kept: MmapedDict = ReservedDict(str(tmp_path / "gone" / "counter_1.db"))
    kept.write_value("a", 1.0, 0.0)

    assert kept.read_value("a") == (1.0, 0.0)


def _stripped(file: Path) -> list[tuple[str, float]]:
    return [(key.rstrip(), value) for key, value in values(file)]


def test_the_library_takes_the_files_that_it_is_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It has no setting for that: should it change, this is where it shows."""
    monkeypatch.setattr(prometheus_client.values, "MmapedDict", MmapedDict)
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))
    metric_files.reserve_room()
    value = prometheus_client.values.MultiProcessValue()("counter", "c", "c_total", ("a",), ("b",), "help")
    value.inc(2)

    assert isinstance(value._file, ReservedDict)
    assert [number for _, number in values(tmp_path / f"counter_{os.getpid()}.db")] == [2.0]


ON_A_FULL_DISK = """
import os, sys
from pathlib import Path
folder = Path(sys.argv[1])
os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)
if sys.argv[2] == "reserved":
    from workers.monitoring.metric_files import reserve_room
    reserve_room()
from prometheus_client import Counter
counter = Counter("jobs", "Jobs.", ("queue",))
counter.labels("first").inc()
with open(folder / "fill", "wb", buffering=0) as fill:
    try:
        while fill.write(b"x" * 4096): pass
    except OSError as error:
        print(error.strerror, flush=True)
for number in range(5000):
    counter.labels(f"a queue with a name of some length, {number}").inc()
print("alive")
"""


@pytest.mark.parametrize(("how", "ended"), [("reserved", 0), ("plain", -7)])
def test_a_process_outlives_a_full_disk(how: str, ended: int) -> None:
    """On a real one: a tmpfs in a namespace of the test's own. With the library's own files the process dies of SIGBUS."""
    if not can_mount():
        pytest.skip("a tmpfs of the test's own cannot be mounted here (unshare -rm)")
    done = subprocess.run(
        [*ON_A_TMPFS, sys.executable, "-c", ON_A_FULL_DISK, "/mnt", how],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert done.returncode == ended, done.stderr
    assert done.stdout.startswith("No space left on device")
