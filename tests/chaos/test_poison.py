"""A job that stops every process it runs in, beside jobs that do no harm."""

import pytest

from tests.chaos.fleet import FleetUnderTest, jobs
from tests.support.processes import RunningProcess
from tests.support.waiting import wait_until

pytestmark = pytest.mark.chaos


@pytest.mark.parametrize("processes", [1, 2])
def test_a_job_that_stops_its_processes_is_dead_and_what_ran_beside_it_is_done(
    fleet: FleetUnderTest, processes: int
) -> None:
    (killer,) = fleet.enqueue("fatal", "killer", seconds=0.02)
    innocents = fleet.enqueue("plain", *jobs(3), seconds=0.3)
    workers: list[RunningProcess] = []

    def all_ended() -> bool:
        for stopped in [worker for worker in workers if worker.returncode is not None]:
            workers.remove(stopped)
        while len(workers) < processes:
            workers.append(fleet.starting_worker("--lease", "5"))
        return all(fleet.state(job) in {"done", "dead"} for job in [killer, *innocents])

    wait_until(all_ended, description="the end of all jobs, with processes that are started again", timeout=60)

    assert [letter["job"] for letter in fleet.letters()] == [killer]
    (letter,) = fleet.letters()
    assert letter["reason"] == "crash_loop"
    assert "2 of them while it was alone in its process" in letter["error"]["message"]
    assert {fleet.state(job) for job in innocents} == {"done"}
    assert fleet.happened("started")["killer"] <= 4, "with three others, with one other, and twice alone"
