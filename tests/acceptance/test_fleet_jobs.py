"""Jobs of all families through real worker processes, and what can be seen of them from outside."""

import json
import os
import signal

from leeward import DownloadFile, JobState, SendEmail, SyncUser
from simulators.faults import Effect, Rule
from simulators.files.content import sha256_of
from tests.support.fleets.fleet import Fleet, everything_in
from tests.support.fleets.fleet_host import Host
from tests.support.fleets.fleet_load import Load
from tests.support.waiting import wait_until

SECRET = "correct-horse-battery-staple"


def test_mixed_jobs_are_all_done_at_their_providers(fleet: Fleet, host: Host) -> None:
    load = Load(fleet, "mixed")
    load.mixed(20)

    ledger = load.ledger()

    assert ledger.is_clean, ledger
    assert (ledger.done, ledger.unknown) == (60, [])


def test_every_job_has_its_result(fleet: Fleet, host: Host) -> None:
    client, address = fleet.client, f"{fleet.files.url}/bytes/5000/results"
    user = client.enqueue(SyncUser(user="results"))
    mail = client.enqueue(SendEmail(to=("results@example.org",), subject="Hello", text="Hello"))
    file = client.enqueue(DownloadFile(url=address, destination="results.bin"))

    assert client.result(user.job_id)["changes"] == ["created"]
    message_id = client.result(mail.job_id)["message_id"]
    accepted = [m for m in fleet.mail.record.entries("mail_accepted") if "results@example.org" in m["recipients"]]
    assert [entry["message_id"] for entry in accepted] == [message_id]
    assert client.result(file.job_id)["sha256"] == sha256_of("results", 5000)


def test_a_mail_to_many_reaches_each_of_them_once(fleet: Fleet, host: Host) -> None:
    people = [f"many-{number}@example.org" for number in range(5)]
    job = fleet.client.enqueue(SendEmail(to=tuple(people), subject="Hello", text="Hello"), idempotency_key="many")

    for job_id in fleet.client.result(job.job_id)["jobs"].values():
        fleet.wait_for(job_id, JobState.DONE)

    reached = [entry["recipients"] for entry in fleet.mail.record.entries("mail_accepted")]
    assert [reached.count([person]) for person in people] == [1] * 5


def test_metrics_are_the_sum_over_processes_that_live_and_died(fleet: Fleet, host: Host) -> None:
    done = host.metric("leeward_deliveries_total", actor="sync.user", outcome="done")
    retried = host.metric("leeward_deliveries_total", actor="sync.user", outcome="retry")
    timed = host.metric("leeward_job_seconds_count", actor="sync.user")
    fleet.jellyfin.faults.set(Rule(operation="POST /Users/New", effect=Effect.HANG))
    load = Load(fleet, "counted-before")
    load.sync(range(40))
    wait_until(lambda: len(_holders(fleet, load)) == 2, description="both processes to have some of the jobs")
    fleet.jellyfin.faults.reset()
    _wait_for_done(host, done + 40)
    survivor, victim = host.workers()

    os.kill(victim, signal.SIGKILL)
    wait_until(lambda: len(host.workers()) == 2 and victim not in host.workers(), description="a new process")
    Load(fleet, "counted-after").sync(range(40))
    _wait_for_done(host, done + 80)

    assert survivor in host.workers()
    retried = host.metric("leeward_deliveries_total", actor="sync.user", outcome="retry") - retried
    assert host.metric("leeward_job_seconds_count", actor="sync.user") == timed + 80 + retried
    assert host.metric("leeward_valkey_up") == 1
    assert host.metric("leeward_ready_jobs", queue="sync.jellyfin") == 0


def test_each_job_that_ends_has_a_line_and_the_fleet_has_its_numbers_on_a_page(fleet: Fleet, host: Host) -> None:
    before = host.metric("leeward_queue_enqueued_total", queue="sync.jellyfin")
    job = fleet.client.enqueue(SyncUser(user="lines"))
    fleet.client.result(job.job_id)

    (line,) = wait_until(lambda: host.events("job_ended", job=job.job_id), description="the job's line")

    facts = {"outcome": "done", "queue": "sync.jellyfin", "kind": "sync.user", "attempt": 1, "level": "info"}
    assert facts.items() <= line.items()
    assert line["waited"] >= 0
    assert line["took"] > 0
    assert host.metric("leeward_queue_enqueued_total", queue="sync.jellyfin") == before + 1
    assert host.metric("leeward_workers_alive") >= 2
    assert host.metric("leeward_queue_workers", queue="sync.jellyfin") >= 2
    assert host.metric("leeward_build_info") == 1
    wait_until(
        lambda: host.metric("leeward_waited_seconds_count", queue="sync.jellyfin"), description="a wait that is counted"
    )
    assert "leeward_workers_alive" not in host.get("/metrics")[1]


def test_a_secret_is_nowhere_when_its_jobs_have_ended(fleet: Fleet, host: Host) -> None:
    well = fleet.client.enqueue(SyncUser(user="well", password=SECRET))
    fleet.wait_for(well.job_id, JobState.DONE)
    assert fleet.jellyfin.accounts.log_in("well", SECRET)
    # As Jellyfin itself explains a refusal: an answer of any other shape is taken for a proxy's, and the job would wait.
    refusal = Rule(
        operation="POST /Users/Password",
        effect=Effect.STATUS,
        status=400,
        body=json.dumps({"title": f"{SECRET} is too weak", "status": 400}),
        content_type="application/problem+json",
    )
    fleet.jellyfin.faults.set(refusal)
    badly = fleet.client.enqueue(SyncUser(user="badly", password=SECRET))
    fleet.wait_for(badly.job_id, JobState.DEAD)
    wait_until(lambda: badly.job_id in fleet.dead_letters(), description="the dead letter in PostgreSQL")

    in_postgres = str(fleet.query("SELECT dead_letters::text, encode(message, 'escape') FROM dead_letters"))

    assert badly.job_id in in_postgres
    assert "too weak" in in_postgres
    assert SECRET not in in_postgres
    assert SECRET not in str(fleet.query("SELECT dead_letter_events::text FROM dead_letter_events"))
    assert well.job_id in everything_in(fleet.valkey_url)
    assert SECRET not in everything_in(fleet.valkey_url)
    assert {line.get("job") for line in host.log_lines()} >= {badly.job_id}
    assert SECRET not in host.process.output


def test_log_lines_are_json_and_name_their_job(fleet: Fleet, host: Host) -> None:
    fleet.jellyfin.faults.set(Rule(operation="POST /Users/New", effect=Effect.STATUS, status=500, times=1))
    job = fleet.client.enqueue(SyncUser(user="logged"))
    fleet.wait_for(job.job_id, JobState.DONE)

    (failure,) = [line for line in host.log_lines() if line.get("job") == job.job_id and line["level"] == "warning"]

    assert failure["actor"] == "sync.user"
    assert failure["delivery"] == 1
    assert failure["request_id"] == job.job_id
    assert "500" in failure["event"]


def test_unknown_paths_and_health_answer_in_json(fleet: Fleet, host: Host) -> None:
    assert host.get("/health/live") == (200, json.dumps({"status": "alive"}))
    assert host.get("/health/ready") == (200, json.dumps({"status": "ready"}))
    assert host.get("/")[0] == 404


def _holders(fleet: Fleet, load: Load) -> set[str]:
    """The processes that have jobs of this load in hand."""
    statuses = [fleet.client.status(job_id) for job_id in load.job_ids]
    return {status.worker for status in statuses if status.state is JobState.RUNNING and status.worker}


def _wait_for_done(host: Host, count: float) -> None:
    wait_until(
        lambda: host.metric("leeward_deliveries_total", actor="sync.user", outcome="done") == count,
        description=f"{count:g} jobs in the metrics",
        timeout=30,
        interval=0.1,
    )
