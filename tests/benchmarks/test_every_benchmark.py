"""Every benchmark runs to its end, in its quick form with less to do. What is counted must be right; figures are for `script/bench`."""

import importlib
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from bench.catalogue import BENCHMARKS, run
from bench.downloads.host import ProgramMissing
from bench.stage import Stage, stage

SMALL: dict[str, dict[str, Any]] = {
    "throughput": {"jobs": 300, "rounds": 1},
    "busy": {"jobs": 60, "rounds": 1},
    "enqueue": {"single": 50, "bulk": 250, "rounds": 1},
    "pickup": {"samples": 5, "gap_seconds": (0.05, 0.1)},
    "delay": {"patience_seconds": 2},
    "crash": {"patience_seconds": 20},
    "memory": {"jobs": 1_000},
    "idle": {"rest_seconds": 1, "counted_seconds": 2},
    "guards": {"jobs": 300},
    "closed-door": {"counted_seconds": 2},
    "isolation": {"jobs": 20, "plain_jobs": 10},
    "bulkhead": {"jobs": 60},
    "reaction": {"rounds": 1, "half_opens": 1},
    "outage": {"jobs": 200},
    "rate": {"seconds": 4},
    "jobs": {"size": 5_000, "tenants": 100},
    "dlq-drain": {"jobs": 100},
    "migration": {"letters": 2_000},
    "retention": {"letters": 5_000},
    "replay": {"letters": 3_000, "velocity_seconds": 4},
    "startup": {"rounds": 1},
    "outbox": {"samples": 3, "rows": 300, "naive_rows": 100},
    "download": {"mib": 16, "rounds": 1},
    "downloads": {"files": 50, "rounds": 1},
    "mixed": {"jobs": 60, "faulty_seconds": 3},
    "adaptive": {"start": 2, "steady": 1, "less": 1, "more": 1},
}
"""What is less of each one's quick plan."""
# A benchmark is a process that ends: what it leaves to the collector is no fault.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning")


@pytest.fixture
def place() -> Iterator[Stage]:
    with stage() as place:
        yield place


@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", BENCHMARKS)
def test_it_runs_to_its_end(name: str, place: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    module = importlib.import_module(BENCHMARKS[name].__module__)
    if hasattr(module, "QUICK"):
        monkeypatch.setattr(module, "QUICK", replace(module.QUICK, **SMALL.get(name, {})))
    if hasattr(module, "QUICK_ROWS"):
        monkeypatch.setattr(module, "QUICK_ROWS", 2_000)
    try:
        report = run(name, place, quick=True)
    except ProgramMissing as missing:
        pytest.skip(str(missing))

    assert report.bench == name
    assert report.line()
