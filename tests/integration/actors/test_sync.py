"""Sync jobs: the actor's function by itself, then through the real broker and all rings, against a simulated Jellyfin."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import dramatiq
import pytest
import redis
from pydantic import SecretStr

from actors.accounts.account_book import AccountBook
from actors.sync import extension, sync_user
from broker.broker import LeewardBroker
from broker.event_stream.stream import Cursor, EventStream
from leeward.client import Leeward
from leeward.extension import Context, Permanent
from leeward.jobs.sync.user import SyncUser, UserState
from leeward.status import JobState, JobStatus
from middleware.order import rings
from providers.jellyfin.provider import Jellyfin
from providers.jellyfin.settings import JellyfinSettings
from simulators.faults import Effect, Rule, Stage
from simulators.jellyfin.server import JellyfinSimulator
from tests.support.composing import bound
from tests.support.waiting import wait_until

NOW = datetime.now(UTC)


@pytest.fixture
def jellyfin() -> Iterator[JellyfinSimulator]:
    with JellyfinSimulator() as simulator:
        yield simulator


@pytest.fixture
def settings(jellyfin: JellyfinSimulator) -> JellyfinSettings:
    return JellyfinSettings(url=jellyfin.url, token=SecretStr(jellyfin.settings.token))


@pytest.fixture
def provider(settings: JellyfinSettings) -> Iterator[Jellyfin]:
    """As a worker opens it where there is no database."""
    provider = Jellyfin("jellyfin", settings)
    provider.open()
    yield provider
    provider.close()


@pytest.fixture
def client(valkey_url: str, settings: JellyfinSettings) -> Iterator[Leeward]:
    """A producer; a worker is running."""
    broker = LeewardBroker(valkey_url, middleware=rings())
    with bound(broker, extension, {"jellyfin": settings}), Leeward(valkey_url) as producer:
        worker = dramatiq.Worker(broker, worker_threads=2, worker_timeout=100)
        worker.start()
        yield producer
        worker.stop()
    broker.close()


class Book(AccountBook):
    """Notes what it is told, and how many accounts there are then."""

    def __init__(self, simulator: JellyfinSimulator) -> None:
        super().__init__(Context())
        self.recorded: list[tuple[SyncUser, int]] = []
        self.confirmed: list[tuple[SyncUser, bool]] = []
        self._simulator = simulator

    def record(self, job: SyncUser, state: UserState) -> None:
        self.recorded.append((job, len(self._simulator.accounts.all())))

    def confirm(self, job: SyncUser, state: UserState, *, exists: bool, took: timedelta) -> None:
        self.confirmed.append((job, state is UserState.DISABLED))
        raise ConnectionError("the database is away")


@pytest.fixture
def noting(jellyfin: JellyfinSimulator, settings: JellyfinSettings) -> Iterator[tuple[Jellyfin, Book]]:
    """As a worker opens it where there is a database."""
    book = Book(jellyfin)
    database = SecretStr("postgresql://nobody@127.0.0.1:1/none")
    provider = Jellyfin("jellyfin", settings, Context(database_url=database, resources={AccountBook: book}.get))
    provider.open()
    yield provider, book
    provider.close()


def ended(client: Leeward, job_id: str) -> JobStatus:
    return wait_until(
        lambda: (status := client.status(job_id)).state.is_final and status, description="the job to end", timeout=30
    )


def test_a_job_brings_its_user_into_the_wanted_state(jellyfin: JellyfinSimulator, provider: Jellyfin) -> None:
    result = sync_user(SyncUser(user="alice", password=SecretStr("correct horse")), provider)

    assert result["changes"] == ["created", "password"]
    assert jellyfin.accounts.account("alice").password == "correct horse"


def test_an_expiry_is_recorded_before_the_account_is_touched(
    jellyfin: JellyfinSimulator, noting: tuple[Jellyfin, Book]
) -> None:
    provider, book = noting
    accounts_before = len(jellyfin.accounts.all())
    job = SyncUser(user="alice", expires_at=NOW + timedelta(days=30))

    sync_user(job, provider)

    assert book.recorded == [(job, accounts_before)]


def test_what_the_provider_did_is_noted_and_a_database_that_is_away_fails_no_job(
    jellyfin: JellyfinSimulator, noting: tuple[Jellyfin, Book]
) -> None:
    provider, book = noting
    job = SyncUser(user="alice")

    sync_user(job, provider)

    assert (book.recorded, book.confirmed) == ([], [(job, False)])
    assert jellyfin.accounts.named("alice") is not None


def test_a_job_that_waited_out_an_outage_does_not_enable_an_expired_account(
    jellyfin: JellyfinSimulator, provider: Jellyfin
) -> None:
    result = sync_user(SyncUser(user="alice", expires_at=NOW - timedelta(minutes=1)), provider)

    assert result["state"] == "disabled"
    assert jellyfin.accounts.named("alice") is None


def test_a_refused_account_is_permanent(provider: Jellyfin) -> None:
    with pytest.raises(Permanent):
        sync_user(SyncUser(user="admin", state=UserState.DISABLED), provider)


def test_a_job_runs_to_its_end_through_the_fleet(jellyfin: JellyfinSimulator, client: Leeward) -> None:
    job = client.enqueue(SyncUser(user="alice", password=SecretStr("correct horse")), idempotency_key="invite-17")

    assert client.result(job.job_id)["user"] == "alice"
    assert jellyfin.accounts.account("alice").password == "correct horse"


def test_a_lost_answer_and_a_locked_database_end_in_one_account(jellyfin: JellyfinSimulator, client: Leeward) -> None:
    jellyfin.faults.set(
        Rule(operation="POST /Users/New", effect=Effect.RESET, stage=Stage.AFTER, times=1),
        Rule(operation="POST /Users/Password", effect=Effect.STATUS, status=500, times=1),
    )

    job = client.enqueue(SyncUser(user="alice", password=SecretStr("correct horse")))

    assert ended(client, job.job_id).state is JobState.DONE
    assert jellyfin.record.counts()["user_created"] == 1
    assert jellyfin.accounts.account("alice").password == "correct horse"


def test_a_business_rule_is_a_dead_letter_at_once(client: Leeward) -> None:
    job = client.enqueue(SyncUser(user="admin", state=UserState.DISABLED))

    status = ended(client, job.job_id)
    assert (status.state, status.reason) == (JobState.DEAD, "permanent")


def test_what_the_server_confirmed_is_told(client: Leeward, valkey: "redis.Redis") -> None:
    for state in (UserState.ENABLED, UserState.DISABLED, UserState.DELETED):
        client.result(client.enqueue(SyncUser(user="alice", state=state)).job_id)

    events = EventStream(valkey, "jellyfin").after(Cursor("0-0")).events
    assert [event.name for event in events if event.name != "user.synced"] == [
        "user.created",
        "user.enabled",
        "user.disabled",
        "user.deleted",
    ]
    assert {str(event.data) for event in events if event.name != "user.synced"} == {
        str({"provider": "jellyfin", "user": "alice"})
    }
    assert [event.name for event in events].count("user.synced") == 3
