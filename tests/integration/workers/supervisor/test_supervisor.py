"""A real supervisor over real processes, told what to do by signals."""

import os
import re
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.processes import RunningProcess, is_alive
from tests.support.waiting import wait_until

Start = Callable[..., "Fleet"]


class Fleet:
    def __init__(self, process: RunningProcess, directory: Path) -> None:
        self.process = process
        self._events = directory / "events"

    def events(self) -> list[str]:
        return self._events.read_text().splitlines() if self._events.exists() else []

    def pids(self, name: str, event: str = "start") -> list[int]:
        return [int(line.split()[2]) for line in self.events() if line.startswith(f"{name} {event}")]

    def wait_for_start(self, name: str, times: int = 1) -> int:
        """Returns the process id of that start."""
        wait_until(lambda: len(self.pids(name)) >= times, description=f"start number {times} of {name}")
        return self.pids(name)[times - 1]


@pytest.fixture
def start_fleet(start_process: Callable[..., RunningProcess], tmp_path: Path) -> Start:
    def start(*words: str, drain: float = 1) -> Fleet:
        command = [sys.executable, "-m", "tests.integration.workers.supervisor.fleet", tmp_path, str(drain), *words]
        return Fleet(start_process(command), tmp_path)

    return start


def test_a_process_that_is_killed_is_started_again(start_fleet: Start) -> None:
    fleet = start_fleet("worker=steady")
    first = fleet.wait_for_start("worker")

    os.kill(first, signal.SIGKILL)

    assert fleet.wait_for_start("worker", times=2) != first
    assert "exit_code=-9" in fleet.process.wait_for_output("process_ended")


def test_a_process_that_keeps_ending_is_started_ever_later_while_the_others_run_on(start_fleet: Start) -> None:
    fleet = start_fleet("broken=crashing", "worker=steady")
    fleet.wait_for_start("broken", times=5)

    delays = re.findall(r"process_restarting .*in_seconds=([0-9.]+)", fleet.process.output)

    assert delays[:4] == ["0.02", "0.04", "0.08", "0.1"]
    assert len(fleet.pids("worker")) == 1


def test_processes_stop_in_reverse_order(start_fleet: Start) -> None:
    fleet = start_fleet("one=steady", "two=steady", "three=steady")
    for name in ("one", "two", "three"):
        fleet.wait_for_start(name)

    assert fleet.process.terminate() == 0

    assert [line for line in fleet.events() if line.endswith("end")] == ["three end", "two end", "one end"]


def test_an_interrupt_stops_as_a_termination_does(start_fleet: Start) -> None:
    fleet = start_fleet("one=steady")
    fleet.wait_for_start("one")

    fleet.process.send(signal.SIGINT)

    assert fleet.process.wait() == 0
    assert fleet.events()[-1] == "one end"


def test_a_process_that_ignores_the_request_is_killed_after_the_drain_time(start_fleet: Start) -> None:
    fleet = start_fleet("stubborn=stubborn")
    pid = fleet.wait_for_start("stubborn")

    assert fleet.process.terminate() == 0

    assert fleet.events()[-1] == "stubborn asked"
    assert "process_killed" in fleet.process.output
    assert not is_alive(pid)


def test_processes_that_stop_together_are_all_asked_before_any_has_ended(start_fleet: Start) -> None:
    fleet = start_fleet("together", "one=stubborn", "two=stubborn", drain=60)
    fleet.wait_for_start("one")
    fleet.wait_for_start("two")

    fleet.process.send(signal.SIGTERM)

    wait_until(lambda: {"one asked", "two asked"} <= set(fleet.events()), description="both to be asked")
    assert "process_killed" not in fleet.process.output
    fleet.process.send(signal.SIGTERM)
    assert fleet.process.wait() == 0


def test_a_second_signal_kills_all_that_are_left(start_fleet: Start) -> None:
    fleet = start_fleet("one=steady", "two=stubborn", drain=60)
    pids = [fleet.wait_for_start("one"), fleet.wait_for_start("two")]
    fleet.process.send(signal.SIGTERM)
    wait_until(lambda: "two asked" in fleet.events(), description="the stubborn process to be asked")

    fleet.process.send(signal.SIGTERM)

    assert fleet.process.wait() == 0
    assert not any(is_alive(pid) for pid in pids)
    assert "process=two" in fleet.process.wait_for_output("process_killed")


def test_a_killed_supervisor_takes_its_processes_along(start_fleet: Start) -> None:
    fleet = start_fleet("one=steady", "two=steady")
    pids = [fleet.wait_for_start("one"), fleet.wait_for_start("two")]

    fleet.process.kill()

    wait_until(lambda: not any(is_alive(pid) for pid in pids), description="both processes to end")
    assert sorted(line for line in fleet.events() if line.endswith("end")) == ["one end", "two end"]


def test_what_a_killed_process_started_is_gone_before_its_successor_runs(start_fleet: Start) -> None:
    fleet = start_fleet("parent=parent")
    first = fleet.wait_for_start("parent")
    (grandchild,) = fleet.pids("parent", "grandchild")

    os.kill(first, signal.SIGKILL)

    fleet.wait_for_start("parent", times=2)
    assert not is_alive(grandchild)


def test_the_next_process_waits_until_the_one_before_is_ready(start_fleet: Start) -> None:
    fleet = start_fleet("slow=slow", "after=steady")

    fleet.wait_for_start("after")

    assert [line.split()[0] for line in fleet.events()] == ["slow", "after"]
    fleet.process.wait_for_output("all running")


def test_a_command_that_does_not_exist_stops_the_others_and_is_named(start_fleet: Start) -> None:
    fleet = start_fleet("one=steady", "two=missing")

    assert fleet.process.wait() == 1

    assert "The process two cannot be started" in fleet.process.output
    assert not any(is_alive(pid) for pid in fleet.pids("one"))
