"""The fleet at a glance, with real servers: who works, what waits, what a person should do."""

from datetime import timedelta

import pytest
import redis
from sqlalchemy import Connection

from broker.fleet.processes import Report, Role, report
from broker.guards.config import Mode
from broker.guards.store import Guards
from leeward import Leeward, SyncUser, actions
from leeward.record import Catalogue, ServedActor
from leeward.record.publication import Publication
from leeward.wire.process_keys import PROCESSES
from leeward_admin import FleetStatus, OpenLetters, fleet
from tests.integration.storage.rows import keep, letter

WORKER = "a.example:7"


@pytest.fixture
def _here(valkey_url: str, database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEEWARD_VALKEY_URL", valkey_url)
    monkeypatch.setenv("LEEWARD_DATABASE_URL", database_url)


def status() -> FleetStatus:
    with fleet() as admin:
        return admin.status()


def publish(client: redis.Redis, *, schedule: str = "") -> None:
    actor = ServedActor(queues=("sync.jellyfin",), schedule=schedule)
    Publication(client, WORKER, Catalogue(release="1", actors={"sync.user": actor})).announce()


@pytest.mark.usefixtures("_here")
def test_jobs_without_any_worker_are_the_first_thing_that_is_said(valkey_url: str) -> None:
    with Leeward(valkey_url) as client:
        client.enqueue(SyncUser(user="a"))

    found = status()

    assert found.needs[0].text == "no worker is running: 1 job waits"
    assert found.needs[0].actions == (actions.StartWorker(),)
    assert [queue.state for queue in found.queues] == ["no_worker"]
    assert found.workers == ()
    assert found.open_letters == OpenLetters(letters=0, groups=0, last_seen=None)


@pytest.mark.usefixtures("_here")
def test_workers_are_there_with_what_they_say(valkey: redis.Redis) -> None:
    publish(valkey)
    said = Report(role=Role.WORKER, process=WORKER, release="1", threads=8, busy=2, oldest_ms=3_000)
    report(valkey, said)
    report(valkey, Report(role=Role.SCHEDULER, process="a.example:8"))

    found = status()

    (worker,) = found.workers
    assert (worker.host, worker.pid, worker.state, worker.queues) == ("a.example", 7, "working", ("sync.jellyfin",))
    assert (worker.busy, worker.threads, worker.oldest) == (2, 8, timedelta(seconds=3))
    assert found.schedulers == 1
    assert found.needs == ()
    valkey.hset(PROCESSES, f"worker {WORKER}", valkey.hget(PROCESSES, f"worker {WORKER}").replace(b"false", b"true"))  # type: ignore[union-attr,arg-type]
    assert status().workers[0].state == "draining"


@pytest.mark.usefixtures("_here")
def test_a_worker_of_an_older_release_is_there_though_it_reports_nothing(valkey: redis.Redis) -> None:
    publish(valkey, schedule="@daily")

    found = status()

    assert [worker.process for worker in found.workers] == [WORKER]
    assert found.periodic == 1
    assert [need.subject for need in found.needs] == ["scheduler"]


@pytest.mark.usefixtures("_here")
def test_a_paused_provider_with_waiting_jobs_is_named_with_the_command_that_resumes_it(
    valkey: redis.Redis, valkey_url: str
) -> None:
    publish(valkey)
    with Leeward(valkey_url) as client:
        client.enqueue(SyncUser(user="a"))
    Guards(valkey, "jellyfin").mode(Mode.FORCED_OPEN, "ada", "upgrade")

    (need,) = status().needs

    assert (need.subject, need.text) == ("jellyfin", "paused: 1 job waits; upgrade")
    assert need.actions == (actions.ResumeProvider("jellyfin"),)


@pytest.mark.usefixtures("_here")
def test_open_letters_are_counted_by_cause_also_those_that_are_not_folded_yet(
    valkey: redis.Redis, connection: Connection
) -> None:
    publish(valkey)
    keep(connection, letter(1), letter(2))

    found = status().open_letters

    assert found is not None
    assert (found.letters, found.groups) == (2, 1)
    assert found.largest[0].letters == 2


def test_a_database_without_tables_and_one_that_does_not_answer_are_needs(
    valkey_url: str, empty_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LEEWARD_VALKEY_URL", valkey_url)
    monkeypatch.setenv("LEEWARD_DATABASE_URL", empty_database_url)
    (need,) = [need for need in status().needs if need.subject == "database"]
    assert need.actions == (actions.MigrateDatabase(),)

    monkeypatch.setenv("LEEWARD_DATABASE_URL", "postgresql://ada:hunter2-hunter2@127.0.0.1:1/x")
    (need,) = [need for need in status().needs if need.subject == "database"]
    assert need.actions == (actions.CheckInstallation(),)
    assert "hunter2" not in need.text
