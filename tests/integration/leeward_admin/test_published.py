"""What a machine knows of kinds, queues and extensions whose package only the workers have."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import ClassVar

import click
import pytest
import redis
from pydantic import SecretStr
from sqlalchemy import Engine

from console.cli.jobs.enqueue import enqueue
from leeward import Job
from leeward.jobs.contract_kinds import CONTRACT_KINDS
from leeward.jobs.kinds import KINDS
from leeward.jobs.secret import SecretText
from leeward.record import Catalogue, FleetRecord, InstalledExtension, PublishedKind, ServedActor
from leeward.record.publication import Publication, publish_failure
from leeward_admin import Filter
from leeward_admin.admin import Admin, opened
from leeward_admin.checks.permissions import permission_problems
from leeward_admin.checks.workers import worker_checks
from leeward_admin.extensions import extensions_of
from leeward_admin.jobs import InvalidPayload, LineOutcome, UnknownKind, enqueue_lines, request_for
from leeward_admin.queues import UnknownQueue
from leeward_admin.retirement import QueueServed
from storage.database.engine import create_engine
from storage.job_kinds import write_kinds
from tests.support.fleets.workers_under_test import dead_letters
from tests.support.published import publication
from workers.settings.settings import Settings


class Invoice(Job):
    kind: ClassVar[str] = "sync.invoice"
    version: ClassVar[int] = 1
    family: ClassVar[str] = "sync"

    provider: str = "acme"
    number: str
    door: SecretText | None = None


@pytest.fixture
def admin(valkey_url: str) -> Iterator[Admin]:
    with opened(Settings(valkey_url=SecretStr(valkey_url))) as admin:
        yield admin


def test_a_job_of_a_published_kind_is_checked_and_enqueued(admin: Admin, valkey: "redis.Redis") -> None:
    with pytest.raises(UnknownKind):
        request_for("sync.invoice", {})
    publication(valkey, "a:1", Invoice).announce()
    with opened(admin.settings):  # which asks anew
        with pytest.raises(InvalidPayload, match="number"):
            request_for("sync.invoice", {"door": "4711"})
        with pytest.raises(UnknownKind, match=r"did you mean sync\.invoice"):
            request_for("sync.invoices", {})
        request = request_for("sync.invoice", {"number": "7", "door": "4711"})
    job = admin.jobs.enqueue(request.job, require_worker=True)
    assert admin.jobs.status(job.job_id).queue == "sync.acme"
    assert "4711" not in repr(request)


def test_lines_to_queues_that_no_worker_serves_are_refused_where_one_is_required(
    admin: Admin, valkey: "redis.Redis"
) -> None:
    publication(valkey, "a:1", Invoice).announce()
    lines = [
        f'{{"kind": "sync.invoice", "payload": {{"number": "{number}", "provider": "{provider}"}}}}'
        for number, provider in enumerate(("acme", "acne", "acme"))
    ]
    found = list(enqueue_lines(admin.jobs, lines, require_worker=True))
    assert [line.outcome for line in found] == [LineOutcome.ENQUEUED, LineOutcome.NO_WORKER, LineOutcome.ENQUEUED]
    assert found[1].error == "no worker serves the queue sync.acne: did you mean sync.acme?"


def test_letters_are_read_with_the_kinds_in_postgresql_and_without_valkey(database_url: str) -> None:
    engine: Engine = create_engine(database_url)
    with engine.begin() as connection:
        write_kinds(connection, [PublishedKind.of(Invoice)])
    engine.dispose()
    settings = Settings(valkey_url=SecretStr("redis://127.0.0.1:1/0"), database_url=SecretStr(database_url))
    with opened(settings) as admin:
        assert admin.dead_letters.page(Filter(), limit=1).rows == []
        (known,) = KINDS.descriptions("sync.invoice")
        assert known.hidden_fields == {"door"}


def test_a_queue_without_a_worker_is_shown_and_so_is_why_its_job_waits(admin: Admin, valkey: "redis.Redis") -> None:
    publication(valkey, "a:1", Invoice).announce()
    served, lonely = (admin.jobs.enqueue(Invoice(number="1", provider=name)) for name in ("acme", "acne"))
    assert list(admin.queues.unserved()) == ["sync.acne"]
    reasons = {
        job.provider: [
            reason.guard for reason in admin.providers.why(admin.jobs.status(job.job_id), now=datetime.now(UTC))
        ]
        for job in (served, lonely)
    }
    assert reasons == {"acme": ["turn"], "acne": ["no_worker"]}
    _, found = worker_checks(valkey)
    assert (found.name, found.detail) == (
        "queue sync.acne",
        "jobs waiting: 1; no worker serves the queue sync.acne: did you mean sync.acme?",
    )


def test_workers_that_could_not_start_are_named_with_the_reason(valkey: "redis.Redis") -> None:
    publish_failure(valkey, "b:9", Catalogue(broken={"acme (leeward-acme 0.1)": "importing it raises OSError"}))
    found, alive = worker_checks(valkey)
    assert alive.detail == "no worker is running: jobs wait"
    assert found.detail == (
        "the worker process b:9 did not start: the extension acme (leeward-acme 0.1) cannot be used: importing it raises OSError"
    )


def test_extensions_are_those_of_this_environment_and_those_of_the_workers(admin: Admin, valkey: "redis.Redis") -> None:
    elsewhere = Catalogue(
        kinds={},
        actors={
            "sync.invoice": ServedActor(queues=("sync.acme",), extension="acme"),
            "acme.chase.acme": ServedActor(queues=("periodic.acme",), extension="acme", schedule="*/10 * * * *"),
        },
        extensions={"acme": InstalledExtension(distribution="leeward-acme", version="0.1")},
    )
    for process in ("a:1", "a:2"):
        Publication(valkey, process, elsewhere).announce()
    publish_failure(valkey, "b:9", Catalogue(broken={"badges": "it is written for api 2"}))
    found = extensions_of(admin.record.workers())
    ours = {one.name: one for one in found.usable}
    assert {"acme", "downloads", "jellyfin", "smtp"} <= set(ours)
    assert ours["jellyfin"].installed
    assert "sync.user@1" in ours["jellyfin"].kinds
    assert (ours["acme"].installed, ours["acme"].workers) == (False, ("a:1", "a:2"))
    assert ours["acme"].periodic == ("acme.chase.acme",)
    assert [(one.name, one.workers) for one in found.broken] == [("badges", ("b:9",))]


def test_jobs_of_a_queue_that_is_retired_are_dead_letters_that_a_worker_can_have_back(
    admin: Admin, valkey: "redis.Redis"
) -> None:
    publication(valkey, "a:1", Invoice).announce()
    jobs = [admin.jobs.enqueue(Invoice(number=str(number), provider="acne")) for number in range(40)]
    assert admin.queues.retire("sync.acne") == 40
    letters = dead_letters(valkey, "acne")
    assert {letter["reason"] for letter in letters} == {"unknown_actor"}
    assert letters[0]["error"]["message"] == "no worker serves the queue sync.acne"
    assert sorted(letter["job"] for letter in letters) == sorted(job.job_id for job in jobs)
    assert admin.queues.states()[-1].running == 0


def test_a_queue_that_a_worker_serves_is_not_retired(admin: Admin, valkey: "redis.Redis") -> None:
    publication(valkey, "a:1", Invoice).announce()
    job = admin.jobs.enqueue(Invoice(number="1"))
    with pytest.raises(QueueServed):
        admin.queues.retire("sync.acme")
    assert admin.jobs.status(job.job_id).state == "ready"
    with pytest.raises(UnknownQueue):
        admin.queues.retire("sync.acmee")


def test_a_user_who_may_not_publish_is_told_by_check(valkey: "redis.Redis", valkey_url: str) -> None:
    valkey.execute_command("ACL", "SETUSER", "narrow", "on", ">word", "~leeward:{*", "~leeward:queues", "&*", "+@all")
    try:
        with redis.Redis.from_url(f"redis://narrow:word@{valkey_url.partition('@')[2]}") as narrow:
            assert worker_checks(narrow) == []
            assert FleetRecord(narrow).known_unserved("sync.acme") is None
            (problem,) = permission_problems(narrow, ["acme"])
    finally:
        valkey.execute_command("ACL", "DELUSER", "narrow")
    assert "cannot publish and read what workers serve: allow it" in problem
    assert "HSET on leeward:kinds, ZADD on leeward:workers" in problem.replace("HMGET on leeward:kinds, ", "")
    assert "SET on leeward:catalogue:*" in problem


def test_a_shell_completes_the_kinds_that_workers_have_published(
    valkey: "redis.Redis", valkey_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    publication(valkey, "a:1", Invoice).announce()
    monkeypatch.setenv("LEEWARD_VALKEY_URL", valkey_url)
    kind = next(parameter for parameter in enqueue.params if parameter.name == "kind")
    context = click.Context(enqueue)
    ours = [known.kind for known in CONTRACT_KINDS if known.kind.startswith("sync")]
    assert [one.value for one in kind.shell_complete(context, "sync")] == sorted(["sync.invoice", *ours])
    monkeypatch.setenv("LEEWARD_VALKEY_URL", "redis://127.0.0.1:1/0")
    assert [one.value for one in kind.shell_complete(context, "sync")] == ours
