"""SIGTERM to a host in the middle of a download and of a mail, with another host that takes over."""

import signal
from pathlib import Path

import pytest

from leeward import DownloadFile, JobState, SendEmail, SyncUser
from providers.downloads.disk.part_record import PartRecord
from simulators.faults import Effect, FaultPlan, Rule, Stage
from simulators.files.content import sha256_of
from tests.support.fleets.fleet import Fleet, fleet_at
from tests.support.fleets.fleet_host import Host
from tests.support.processes import is_alive
from tests.support.waiting import wait_until

pytestmark = pytest.mark.chaos

FILE_BYTES = 2_000_000
DRAIN_SECONDS = 6
NO_MAIL = {"smtp_host": "", "smtp_port": "", "smtp_sender": "", "smtp_tls": ""}


def test_a_host_that_is_told_to_stop_hands_everything_over_and_spends_no_attempt(
    tmp_path: Path, valkey_url: str, database_url: str
) -> None:
    with fleet_at(tmp_path, valkey_url=valkey_url, database_url=database_url) as fleet:
        leaving = fleet.start_host(processes="1", threads="3", drain_seconds=str(DRAIN_SECONDS)).wait_until_ready()
        (process,) = leaving.workers()
        fleet.mail.faults.set(Rule(operation="ACCEPT *", latency_ms=2000))
        fleet.files.faults.set(Rule(effect=Effect.HANG, stage=Stage.DURING, after_bytes=FILE_BYTES // 2, times=1))
        slow = f"{fleet.files.url}/bytes/{FILE_BYTES}/slow?bytes_per_second=150000"
        download = fleet.client.enqueue(DownloadFile(url=slow, destination="slow.bin"))
        wait_until(lambda: _durable_bytes(fleet), description="the download to be at its first checkpoint", timeout=30)
        # Last of all, and before the other host boots: calls that hang must not run into their own time limits first.
        fleet.jellyfin.faults.set(Rule(operation="POST /Users/New", effect=Effect.HANG, times=1))
        stuck = fleet.client.enqueue(SyncUser(user="stuck"))
        mail = fleet.client.enqueue(SendEmail(to=("last@example.org",), subject="Last words", text="Hello"))
        wait_until(lambda: _hits(fleet.jellyfin.faults), description="Jellyfin to be at the account")
        wait_until(lambda: _hits(fleet.mail.faults), description="the relay to be at the mail")

        leaving.process.send(signal.SIGTERM)
        wait_until(lambda: leaving.events("process_stopping"), description="the host to stop its process")
        staying = fleet.start_host(processes="1", **NO_MAIL).wait_until_ready()
        meanwhile = fleet.client.enqueue(SyncUser(user="meanwhile"))
        fleet.wait_for(meanwhile.job_id, JobState.DONE)
        assert leaving.process.wait(timeout=DRAIN_SECONDS + 15) == 0
        resumed = fleet.wait_for(download.job_id, JobState.RUNNING)

        assert not is_alive(process)
        assert not leaving.events("process_killed")
        assert resumed.attempts == 0
        assert resumed.worker is not None
        assert resumed.worker.endswith(f":{staying.workers()[0]}")
        assert fleet.client.status(mail.job_id).state is JobState.DONE
        assert [entry["recipients"] for entry in fleet.mail.record.entries("mail_accepted")] == [["last@example.org"]]
        assert fleet.client.result(stuck.job_id)["changes"] == ["created"]
        result = fleet.client.result(download.job_id)
        assert result["sha256"] == sha256_of("slow", FILE_BYTES)
        assert 0 < result["resumed_from"] <= FILE_BYTES // 2
        assert _failures(leaving) + _failures(staying) == []
        assert staying.metric("leeward_deliveries_total", outcome="done") == 3
        assert fleet.dead_letters() == {}


def _hits(faults: FaultPlan) -> object:
    return faults.describe()[0]["hits"]


def _durable_bytes(fleet: Fleet) -> int:
    """What would survive a crash of the worker, from the record beside the unfinished file."""
    found = [PartRecord.decode(file.read_bytes()) for file in fleet.downloads.glob(".leeward-*.json")]
    return sum(record.durable_bytes for record in found if record is not None)


def _failures(host: Host) -> list[str]:
    """But for finding the part file still in the hands of the process that is just ending: that is waited for, without an attempt."""
    failed = [line["event"] for line in host.log_lines() if "Failed to process" in line["event"]]
    return [event for event in failed if " Busy: " not in event]
