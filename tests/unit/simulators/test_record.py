"""The record that a fleet's own bookkeeping is compared with."""

import json
import threading
from pathlib import Path

from simulators.record import Record


def test_an_event_is_in_the_file_before_add_returns(tmp_path: Path) -> None:
    file = tmp_path / "record.jsonl"
    with Record(file, clock=lambda: 12.5) as record:
        record.add("user_created", name="Zoë")

        assert json.loads(file.read_text()) == {"event": "user_created", "time": 12.5, "name": "Zoë"}


def test_events_are_counted_and_can_be_read_by_name() -> None:
    record = Record()
    for name in ("a", "b", "a"):
        record.add(name)

    assert record.counts() == {"a": 2, "b": 1}
    assert len(record.entries("a")) == 2
    assert len(record.entries()) == 3


def test_a_file_that_is_there_is_continued(tmp_path: Path) -> None:
    file = tmp_path / "record.jsonl"
    for _ in range(2):
        with Record(file) as record:
            record.add("started")

    assert len(file.read_text().splitlines()) == 2


def test_lines_of_many_threads_stay_whole(tmp_path: Path) -> None:
    file = tmp_path / "record.jsonl"
    with Record(file) as record:

        def add_fifty() -> None:
            for _ in range(50):
                record.add("x", pad="y" * 500)

        threads = [threading.Thread(target=add_fifty) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    lines = file.read_text().splitlines()
    assert len(lines) == 400
    assert all(json.loads(line)["event"] == "x" for line in lines)
