import json
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bench.worker import trace


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(trace, "_folder", tmp_path)
    monkeypatch.setattr(trace, "RAN", [])
    return tmp_path


def test_lines_of_many_threads_do_not_mix(folder: Path) -> None:
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda number: trace.write(number, number), range(500)))

    lines = (folder / trace.LINES).read_text().splitlines()
    assert sorted(lines) == sorted(f"{number} {number}" for number in range(500))


def test_counts_are_written_down_whole_under_the_process_id(folder: Path) -> None:
    trace.RAN.extend([3, 1, 3])

    trace.dump()

    assert json.loads((folder / f"{trace.COUNTED}{os.getpid()}").read_text()) == [3, 1, 3]
    assert [path.name for path in folder.iterdir()] == [f"{trace.COUNTED}{os.getpid()}"]
