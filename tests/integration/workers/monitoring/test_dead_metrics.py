"""Dead processes' metrics: added up in one file, so that a scrape reads as much after hundreds of deaths as after one."""

import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_client import Metric
from prometheus_client.mmap_dict import MmapedDict, mmap_key

from tests.support.examples import examples
from workers.monitoring.dead_metrics import merge_dead
from workers.monitoring.heartbeats import remove_dead
from workers.monitoring.metric_files import ReservedDict
from workers.monitoring.process_metrics import ProcessMetrics

COUNTS = st.dictionaries(st.sampled_from(["a", "b", "ü ", "x" * 300]), st.integers(0, 1000), max_size=4)


def write(folder: Path, pid: int, counts: dict[str, int], kind: str = "counter") -> None:
    name = {"counter": "jobs_total", "histogram": "seconds_bucket", "gauge_all": "now"}[kind]
    file: MmapedDict = ReservedDict(str(folder / f"{kind}_{pid}.db"))
    for queue, count in counts.items():
        labels = {"queue": queue, "le": "1.0"} if kind == "histogram" else {"queue": queue}
        key = mmap_key(name.partition("_")[0], name, list(labels), list(labels.values()), "Help.")
        file.write_value(key, float(count), 0.0)
    file.close()


def samples(metrics: Iterable[Metric]) -> dict[tuple[str, str], float]:
    return {
        (sample.name, sample.labels["queue"]): sample.value
        for metric in metrics
        for sample in metric.samples
        if "pid" not in sample.labels
    }


@settings(max_examples=examples(30))
@given(processes=st.lists(COUNTS, max_size=8), deaths=st.lists(st.integers(0, 7), max_size=8))
def test_the_sums_are_the_same_whoever_has_died(processes: list[dict[str, int]], deaths: list[int]) -> None:
    with TemporaryDirectory() as name:
        folder, dead = Path(name), set[int]()
        for pid, counts in enumerate(processes):
            write(folder, pid, counts)
            write(folder, pid, counts, "histogram")
        before = samples(ProcessMetrics(folder).collect())
        for pid in deaths:
            dead.add(pid)
            merge_dead(folder, lambda pid: pid not in dead)

        assert samples(ProcessMetrics(folder).collect()) == before
        living = {f"{kind}_{pid}.db" for pid in range(len(processes)) for kind in ("counter", "histogram")}
        assert {file.name for file in folder.iterdir()} - {"counter_dead.db", "histogram_dead.db"} == {
            file for file in living if int(file.split("_")[1][:-3]) not in dead
        }


@pytest.mark.parametrize("deaths", [1, 10, 200])
def test_a_scrape_reads_as_many_files_however_many_have_died(tmp_path: Path, deaths: int) -> None:
    write(tmp_path, os.getpid(), {"a": 1})
    for pid in range(deaths):
        write(tmp_path, pid, {"a": 1})
        merge_dead(tmp_path, lambda pid: pid == os.getpid())

    assert len(list(tmp_path.iterdir())) == 2
    assert samples(ProcessMetrics(tmp_path).collect()) == {("jobs_total", "a"): deaths + 1}


def test_the_gauges_of_the_dead_are_dropped(tmp_path: Path) -> None:
    write(tmp_path, 1, {"a": 7}, "gauge_all")
    merge_dead(tmp_path, lambda _: False)

    assert list(tmp_path.iterdir()) == []


def test_no_room_leaves_everything_as_it_was_until_there_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dead, metrics = _dead_pid(), ProcessMetrics(tmp_path)
    write(tmp_path, dead, {"a": 7})
    with monkeypatch.context() as full:
        full.setattr(Path, "write_bytes", _refuse)
        metrics.merge_dead()
        assert samples(metrics.collect()) == {("jobs_total", "a"): 7}

    metrics.merge_dead()

    assert samples(metrics.collect()) == {("jobs_total", "a"): 7}
    assert [file.name for file in tmp_path.iterdir()] == ["counter_dead.db"]


def _refuse(*_: object) -> int:
    raise OSError(28, "No space left on device")


DAMAGED = [
    b"",
    b"\0",
    b"\xff" * 8,
    b"\x40\0\0\0\0\0\0\0" + b"\xff" * 56,
    b"\x40\0\0\0\0\0\0\0",
    b"{}" * 100,
    b"\0" * 65536,
]


@pytest.mark.parametrize("content", DAMAGED, ids=range(len(DAMAGED)))
@pytest.mark.parametrize("is_dead", [True, False])
def test_a_damaged_file_spoils_no_other(tmp_path: Path, content: bytes, is_dead: bool) -> None:
    pid = _dead_pid() if is_dead else os.getppid()
    (tmp_path / f"counter_{pid}.db").write_bytes(content)
    write(tmp_path, os.getpid(), {"a": 7})
    metrics = ProcessMetrics(tmp_path)

    assert samples(metrics.collect()) == {("jobs_total", "a"): 7}
    metrics.merge_dead()
    assert samples(metrics.collect()) == {("jobs_total", "a"): 7}


def test_the_signs_of_the_dead_are_removed(tmp_path: Path) -> None:
    dead = _dead_pid()
    for name in (f"pulse-{dead}.json", f"pulse-{dead}.new", f"pulse-{os.getpid()}.json", "pulse-x.json"):
        (tmp_path / name).touch()
    remove_dead(tmp_path)

    assert sorted(file.name for file in tmp_path.iterdir()) == [f"pulse-{os.getpid()}.json", "pulse-x.json"]


def _dead_pid() -> int:
    process = subprocess.Popen([sys.executable, "-S", "-c", ""])
    process.wait()
    return process.pid
