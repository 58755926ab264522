"""What a process writes down about its jobs, and what others of its machine read when it has ended."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import redis

from broker.crashes.ended_processes import EndedProcesses
from broker.crashes.run_record import LONGEST_ID, Remains, RunRecord, open_record, read_remains

ENDS = """
import os, signal, sys
from pathlib import Path
from broker.crashes.run_record import open_record
record = open_record(Path(sys.argv[1]), "server", "host:7", 2)
record.serve(["lab"])
record.start("job-1")
print("started", flush=True)
sys.stdin.read()
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "records"


def opened(folder: Path, *, slots: int = 2, process: str = "host:1") -> RunRecord:
    record = open_record(folder, "server", process, slots)
    assert record is not None
    return record


def written(record: RunRecord) -> Remains:
    remains = read_remains(record.path.read_bytes())
    assert remains is not None
    return remains


def seen(folder: Path, *, server: str = "server") -> list[Remains]:
    found: list[Remains] = []
    EndedProcesses(folder, server, found.append).look_now()
    return found


def in_thread(record: RunRecord, *ids: str) -> None:
    def start_all() -> None:
        for job in ids:
            record.start(job)

    thread = threading.Thread(target=start_all)
    thread.start()
    thread.join()


def test_the_jobs_that_threads_run_are_written_down(folder: Path) -> None:
    record = opened(folder)
    record.serve(["lab", "smtp"])
    record.start("done")
    record.end()
    record.start("runs")
    in_thread(record, "before", "runs-too")

    assert written(record) == Remains("host:1", ("lab", "smtp"), frozenset({"runs", "runs-too"}), complete=True)
    record.close()
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("job", ["", "a", "é" * 120, "x" * LONGEST_ID, "a\nb\0c"])
def test_ids_of_any_kind_are_read_as_they_were_written(folder: Path, job: str) -> None:
    record = opened(folder)
    record.start(job)

    assert written(record).started == ({job} if job else set())


def test_a_record_that_cannot_tell_everything_says_so(folder: Path) -> None:
    too_long, too_many = opened(folder), opened(folder, slots=1)
    too_long.start("x" * (LONGEST_ID + 1))
    too_many.start("a")
    in_thread(too_many, "b")

    assert not written(too_long).complete
    assert not written(too_many).complete


def test_a_process_that_lives_is_not_reported_and_one_that_was_killed_is_once(folder: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", ENDS, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=Path.cwd()
    )
    assert process.stdin
    assert process.stdout
    assert process.stdout.readline() == b"started\n"
    assert seen(folder) == []

    process.stdin.close()
    assert process.wait() == -signal.SIGKILL
    process.stdout.close()

    assert seen(folder, server="another") == []
    assert seen(folder) == [Remains("host:7", ("lab",), frozenset({"job-1"}), complete=True)]
    assert seen(folder) == []


def test_what_could_not_be_reported_is_reported_later(folder: Path) -> None:
    abandon(opened(folder))

    def refuse(_: Remains) -> None:
        raise redis.ConnectionError("away")

    EndedProcesses(folder, "server", refuse).look_now()

    assert [one.process for one in seen(folder)] == ["host:1"]


def test_a_record_that_cannot_be_read_is_taken_away(folder: Path) -> None:
    opened(folder).close()
    for number, content in enumerate((b"", b"{", b"[]", b'{"process": "a"}', b"\xff" * 9000)):
        (folder / f"server-{number}").write_bytes(content)

    assert seen(folder) == []
    assert list(folder.iterdir()) == []


def test_old_records_of_other_servers_are_swept_but_not_those_of_processes_that_live(folder: Path) -> None:
    old, young, alive = opened(folder), opened(folder), opened(folder)
    abandon(old)
    abandon(young)
    for record in (old, alive):
        os.utime(record.path, (1, 1))

    EndedProcesses(folder, "another", lambda _: None).sweep(now=young.path.stat().st_mtime)

    assert set(folder.iterdir()) == {young.path, alive.path}


def test_there_is_none_in_a_folder_that_others_can_write_to(folder: Path) -> None:
    folder.mkdir(mode=0o700)
    folder.chmod(0o777)

    assert open_record(folder, "server", "host:1", 2) is None
    assert seen(folder) == []


def test_there_is_none_where_the_folder_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    assert open_record(tmp_path / "file", "server", "host:1", 2) is None
    assert open_record(tmp_path / "no" / "parent", "server", "host:1", 2) is None
    assert seen(tmp_path / "no" / "parent") == []


def test_a_new_process_waits_until_an_earlier_one_of_its_name_is_reported(folder: Path) -> None:
    record = opened(folder)
    being_reported = record.path.rename(folder / f"reported-{record.path.name}")
    ended = EndedProcesses(folder, "server", lambda _: None)
    waiting = threading.Thread(target=ended.wait_for_reports_of, args=["host:1"])

    waiting.start()
    ended.wait_for_reports_of("host:2")
    assert waiting.is_alive()
    being_reported.unlink()
    waiting.join(timeout=10)

    assert not waiting.is_alive()


def abandon(record: RunRecord) -> None:
    """As the end of a process does: lets go of the file without a word."""
    record._map.close()
    os.close(record._descriptor)
