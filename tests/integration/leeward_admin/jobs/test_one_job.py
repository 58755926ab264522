"""Everything about one job, wherever it is."""

import pytest
import redis
from sqlalchemy import Connection, Engine

from leeward import Leeward, SyncUser
from leeward.errors import JobNotFound
from leeward.status import JobState
from leeward_admin import DeadLetters, InvalidFilter, UnknownDeadLetter
from leeward_admin.jobs.fleet_jobs import FleetJobs
from tests.integration.broker.lab import Lab
from tests.integration.storage.rows import keep, letter
from tests.unit.storage.dead_letters.intake.dead_entries import message_of


@pytest.fixture
def found(valkey: "redis.Redis", valkey_url: str, engine: Engine) -> FleetJobs:
    return FleetJobs(valkey, Leeward(valkey_url).status, lambda: DeadLetters(engine, lambda: valkey, list))


def test_a_waiting_job_shows_its_payload_without_its_secrets(found: FleetJobs, valkey_url: str) -> None:
    with Leeward(valkey_url) as fleet:
        job = fleet.enqueue(SyncUser(user="alice", password="hunter2-hunter2"), idempotency_key="k", tags=["vip"])

    detail = found.get(job.job_id)

    assert detail.payload["user"] == "alice"
    assert "hunter2" not in repr(detail)
    assert (detail.idempotency_key, detail.status.tags) == ("k", ("vip",))
    assert detail.row is not None
    assert (detail.row.queue, detail.row.lane) == ("sync.jellyfin", "normal")


def test_the_attempts_that_failed_are_shown(found: FleetJobs, lab: Lab) -> None:
    body = (
        b'{"queue_name":"lab","actor_name":"act","options":{"errors":[%s]},"args":[],"kwargs":{},'
        b'"message_id":"job","message_timestamp":1}'
    )
    lab.enqueue("job", message=body % b'{"at":1000,"delivery":2,"type":"Transient","message":"503"}')

    (attempt,) = found.get("job").past_attempts

    assert (attempt.delivery, attempt.type, attempt.message) == (2, "Transient", "503")


def test_a_dead_job_shows_what_its_letter_keeps_also_when_its_outcome_has_gone(
    found: FleetJobs, lab: Lab, connection: Connection
) -> None:
    lab.enqueue("job-7")
    lab.die(lab.admit(1).jobs[0])
    (id_,) = keep(connection, letter(7))

    with_outcome = found.get("job-7")
    lab.client.delete(lab.keys.outcome("job-7"))
    without = found.get("job-7")

    for detail in (with_outcome, without):
        assert (detail.status.state, detail.dead_letter) == (JobState.DEAD, id_)
        assert detail.payload["user"] == "user-7"
        assert detail.error is not None


def test_a_job_that_nobody_knows_is_an_error(found: FleetJobs) -> None:
    with pytest.raises(JobNotFound):
        found.get("nothing")


def test_a_dead_letter_is_found_by_its_id_and_by_the_latest_of_its_job(connection: Connection, engine: Engine) -> None:
    letters = DeadLetters(engine, lambda: None, list)  # type: ignore[arg-type, return-value] # needs no Valkey
    first, second = keep(
        connection,
        letter(1, message=message_of(SyncUser(user="x"), message_id="job")),
        letter(2, message=message_of(SyncUser(user="x"), message_id="job")),
    )

    assert letters.find(str(first))[0].id == first
    assert letters.find("job")[0].id == second
    for unknown in ("rubbish", "01a2074b-a614-7a9e-af52-742d01a4ff61"):
        with pytest.raises((UnknownDeadLetter, InvalidFilter), match=unknown):
            letters.find(unknown)
