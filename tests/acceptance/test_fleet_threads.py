"""A thread that dies takes its process down, and what kept the process running starts it again; a full disk does neither."""

import contextlib
from pathlib import Path

import pytest

from leeward import JobState, SyncUser
from tests.support.fleets.fleet import fleet_at
from tests.support.infrastructure.own_tmpfs import ON_A_TMPFS, can_mount
from tests.support.waiting import wait_until
from workers.embedded import EmbeddedValkey

SABOTEUR = Path(__file__).resolve().parents[1] / "support" / "saboteur"
OF_A_WORKER = ["leeward-committer", "leeward-pulse", "WorkerThread"]
"""Any other thread of a fleet meets its end in the same way: `tests/unit/broker/threads/test_vital_thread.py`."""


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


@pytest.mark.chaos
@pytest.mark.timeout(280)
def test_a_full_tmpdir_costs_readiness_until_there_is_room_and_no_job(
    tmp_path: Path, own_valkey: EmbeddedValkey, database_url: str
) -> None:
    if not can_mount():
        pytest.skip("a tmpfs of the test's own cannot be mounted here (unshare -rm)")
    with fleet_at(tmp_path, valkey_url=own_valkey.url, database_url=database_url) as fleet:
        fleet.command_prefix = ON_A_TMPFS
        fleet.more_environment = {"TMPDIR": "/mnt"}
        host = fleet.start_host(processes="1").wait_until_ready()
        workers = host.workers()
        # The host's own view of the file system, whose /mnt is the tmpfs.
        fill = Path(f"/proc/{host.process.pid}/root/mnt/fill")
        with contextlib.suppress(OSError), fill.open("wb", buffering=0) as file:
            while file.write(b"x" * 4096):
                pass

        wait_until(lambda: host.get("/health/ready")[0] == 503, description="not ready", timeout=60)
        jobs = [fleet.client.enqueue(SyncUser(user=f"user-{number}")) for number in range(30)]
        for job in jobs:
            fleet.wait_for(job.job_id, JobState.DONE)
        assert host.get("/metrics")[0] == 200

        fill.unlink()
        host.wait_until_ready()
        assert host.workers() == workers
        assert len(host.events("pulse_not_written")) == 1
        assert len(host.events("pulse_written_again")) == 1
        assert host.metric("leeward_deliveries_total", actor="sync.user", outcome="done") == len(jobs)
