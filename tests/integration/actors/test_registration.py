"""Who registers has an account: at the server where it answers, in the book in any case, and every step is on record."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import Engine

from actors.accounts.account_book import AccountBook
from actors.accounts.registration import Accounts, AccountsSettings, register_account
from leeward.errors import Unavailable
from leeward.extension import Context, Health
from leeward.extension.errors import Busy, Transient
from leeward.jobs.register.account import RegisterAccount
from leeward.jobs.sync.user import SyncUser, UserState
from leeward.request import Enqueued
from leeward.status import JobState, JobStatus
from leeward.wire.running import running_job
from storage.accounts.accounts import AccountEntry, of_user
from storage.accounts.state import Wanted
from storage.accounts.steps import steps_of
from tests.integration.actors.running import Running


@dataclass
class Jobs:
    """A fleet whose one job is as the test says."""

    status_now: JobStatus = field(default_factory=lambda: JobStatus("child", "jellyfin", JobState.READY))
    enqueued: dict[str, SyncUser] = field(default_factory=dict)
    cancelled: list[str] = field(default_factory=list)

    def enqueue(self, job: SyncUser, *, idempotency_key: str, **_: Any) -> Enqueued:
        self.enqueued.setdefault(idempotency_key, job)
        return Enqueued("child", job.provider)

    def status(self, _: str) -> JobStatus:
        return self.status_now

    def cancel(self, job_id: str) -> None:
        self.cancelled.append(job_id)


@dataclass
class Office:
    """Where accounts are registered, with a real book."""

    engine: Engine
    accounts: Accounts
    jobs: Jobs = field(default_factory=Jobs)
    health: Health = field(default_factory=Health.healthy)

    def register(self, job: RegisterAccount) -> dict[str, Any]:
        found: dict[str, Any] = register_account(job, self.accounts, self.jobs)  # type: ignore[arg-type]
        return found

    def entry(self) -> AccountEntry:
        with self.engine.connect() as connection:
            (entry,) = of_user(connection, "alice")
        return entry

    def steps(self) -> list[str]:
        with self.engine.connect() as connection:
            return [step.step for step in steps_of(connection, "jellyfin", "alice")]


@pytest.fixture
def office(engine: Engine, database_url: str) -> Iterator[Office]:
    context = Context(database_url=SecretStr(database_url))
    book = AccountBook(context)
    book.open()
    provider = Accounts("accounts", AccountsSettings())
    office = Office(engine, provider)
    provider.context = Context(resources={AccountBook: book}.get, health=lambda _: office.health)
    token = running_job.set(Running())
    yield office
    running_job.reset(token)
    book.close()


JOB = RegisterAccount(user="alice", password=SecretStr("correct horse"), policy={"MaxActiveSessions": 1})


def status(state: JobState, **facts: Any) -> JobStatus:
    return JobStatus("child", "jellyfin", state, **facts)


def test_a_registration_waits_for_a_server_that_answers(office: Office) -> None:
    for _ in range(3):
        with pytest.raises(Busy):
            office.register(JOB)
    office.jobs.status_now = status(JobState.DONE)

    result = office.register(JOB)

    assert (result["approval"], result["job"]) == ("confirmed", "child")
    assert office.steps() == ["noted", "registered", "asked", "approved"]
    (wanted,) = office.jobs.enqueued.values()
    assert (wanted.state, wanted.create, wanted.take_over) == (UserState.ENABLED, True, False)
    assert wanted.policy == {"MaxActiveSessions": 1}


@pytest.mark.parametrize(
    ("health", "state", "why"),
    [
        (Health.unhealthy("no answer"), status(JobState.READY), "jellyfin is unhealthy: no answer"),
        (Health.healthy(), status(JobState.SCHEDULED, attempts=3), "3 tries at jellyfin failed"),
        (
            Health.healthy(),
            status(JobState.DEAD, reason="expired", attempts=2),
            "the job for the account is dead: expired",
        ),
    ],
)
def test_a_server_that_cannot_be_asked_leaves_a_registration_approved_here(
    office: Office, health: Health, state: JobStatus, why: str
) -> None:
    office.health, office.jobs.status_now = health, state

    result = office.register(JOB)

    assert (result["approval"], result["why"]) == ("here", why)
    entry = office.entry()
    assert (entry.state.value, entry.wanted, entry.job_id) == ("pending_sync", Wanted.ENABLED, "child")
    assert entry.approved_at is not None
    assert office.steps() == ["noted", "registered", "asked", "approved_here"]


def test_two_tries_are_not_three(office: Office) -> None:
    office.jobs.status_now = status(JobState.SCHEDULED, attempts=2)

    with pytest.raises(Busy):
        office.register(JOB)


def test_a_registration_does_not_wait_for_ever(office: Office) -> None:
    running_job.set(Running(enqueued_at=datetime.now(UTC) - timedelta(minutes=1)))

    assert office.register(JOB)["why"] == "jellyfin has not answered in time"


def test_a_name_that_the_server_refuses_is_refused_and_not_asked_for_again(office: Office) -> None:
    office.jobs.status_now = status(JobState.DEAD, reason="permanent", error={"message": "the name 'alice' is taken"})

    result = office.register(JOB)

    assert (result["approval"], result["why"]) == ("refused", "the name 'alice' is taken")
    entry = office.entry()
    assert (entry.state.value, entry.job_id, entry.error) == ("failed", None, "the name 'alice' is taken")
    assert office.steps()[-1] == "refused"


def test_a_registration_that_was_stopped_before_it_cancelled_does_so_when_it_runs_again(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.jobs.status_now = status(JobState.DONE)
    office.register(JOB.model_copy(update={"approved": False}))
    running_job.set(Running("second"))

    def unreachable(_: str) -> None:
        raise Unavailable("Valkey cannot be reached")

    with monkeypatch.context() as patched:
        patched.setattr(office.jobs, "cancel", unreachable)
        with pytest.raises(Unavailable):
            office.register(JOB)
    office.register(JOB)

    assert office.jobs.cancelled == ["child"]


def test_an_account_waits_for_its_approval_and_the_earlier_job_is_cancelled(office: Office) -> None:
    office.health = Health.unhealthy("no answer")
    first = office.register(JOB.model_copy(update={"approved": False}))
    assert (first["approval"], office.entry().wanted) == ("waiting", Wanted.DISABLED)
    running_job.set(Running("approval"))

    second = office.register(RegisterAccount(user="Alice"))

    assert (second["approval"], office.entry().wanted) == ("here", Wanted.ENABLED)
    assert office.jobs.cancelled == ["child"]
    states = [(one.state.value, one.take_over) for one in office.jobs.enqueued.values()]
    assert states == [("disabled", False), ("enabled", None)]


def test_a_book_that_cannot_be_reached_is_no_answer(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ConnectionError("down")

    monkeypatch.setattr(AccountBook, "register", fail)

    with pytest.raises(Transient, match="account book") as error:
        office.register(JOB)
    assert error.value.unreachable
