"""With real workers, so that the instrument itself is known to count rightly."""

from pathlib import Path

import pytest

from bench.fleet import WorkersDidNotBoot
from bench.process_table import is_stopped
from bench.stage import Stage
from bench.systems import LEEWARD, PLAIN, System
from tests.support.processes import is_alive
from tests.support.waiting import wait_until
from workers.embedded import EmbeddedValkey

pytestmark = pytest.mark.timeout(60)


@pytest.fixture
def stage(own_valkey: EmbeddedValkey, tmp_path: Path) -> Stage:
    return Stage(own_valkey, tmp_path)


@pytest.mark.parametrize("system", [PLAIN, LEEWARD], ids=lambda system: system.name)
def test_a_stopped_fleet_runs_nothing_and_then_every_job_once(system: System, stage: Stage) -> None:
    send = system.producer(stage.url, ["bench"]).get_actor("no_op").send
    with stage.fleet(system, processes=2, threads=2) as fleet:
        fleet.stop()
        assert all(is_stopped(pid) for pid in fleet.workers)
        for number in range(100):
            send(number)
        assert stage.unfinished(system) == 100

        fleet.go_on()
        stage.wait_until_drained(system)

        assert sorted(fleet.counted()) == list(range(100))


def test_leaving_a_fleet_ends_all_its_processes(stage: Stage) -> None:
    with stage.fleet(LEEWARD, processes=2, threads=1) as fleet:
        pids = fleet.workers
        assert len(pids) == 2
        assert fleet.rss_bytes() > 0

    wait_until(lambda: not any(map(is_alive, pids)), description="the workers to be gone")


def test_workers_that_cannot_start_say_why(stage: Stage) -> None:
    broken = stage.fleet(LEEWARD, queues=("no queue name at all!",))

    with pytest.raises(WorkersDidNotBoot, match="Queue names must"), broken:
        pass
