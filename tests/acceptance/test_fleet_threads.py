"""A thread that dies takes its process down, and what kept the process running starts it again."""

from pathlib import Path

import pytest

from leeward import JobState, SyncUser
from tests.support.fleet import fleet_at
from tests.support.waiting import wait_until
from workers.embedded import EmbeddedValkey

SABOTEUR = Path(__file__).resolve().parents[1] / "support" / "saboteur"
OF_A_WORKER = ["leeward-committer", "leeward-pulse", "WorkerThread"]
"""Any other thread of a fleet meets its end in the same way: `tests/unit/broker/test_vital_thread.py`."""


@pytest.mark.chaos
@pytest.mark.timeout(280)
def test_a_thread_that_dies_is_named_and_its_process_begins_anew(
    tmp_path: Path, own_valkey: EmbeddedValkey, database_url: str
) -> None:
    with fleet_at(tmp_path, valkey_url=own_valkey.url, database_url=database_url) as fleet:
        fleet.more_environment = {"PYTHONPATH": str(SABOTEUR), "SABOTAGE": str(tmp_path)}
        host = fleet.start_host(processes="3").wait_until_ready()

        for thread in OF_A_WORKER:
            (tmp_path / thread).touch()
        wait_until(lambda: len(host.events("process_ended")) == 3, description="three ends", timeout=60)

        died = host.events("thread_died", level="critical")
        assert sorted(line["thread"].split()[0] for line in died) == sorted(OF_A_WORKER)
        assert {line["exit_code"] for line in host.events("process_ended")} == {70}
        assert host.get("/health/ready")[0] == 503

        host.wait_until_ready()
        job = fleet.client.enqueue(SyncUser(user="alice"))
        fleet.wait_for(job.job_id, JobState.DONE)

        (tmp_path / "leeward-drainer").touch()
        assert host.process.wait(60) == 70
        assert host.events("thread_died", thread="leeward-drainer")
