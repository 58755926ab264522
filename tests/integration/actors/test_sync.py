"""Sync jobs: the actor's function by itself, then through the real broker and all rings, against a simulated Jellyfin."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import dramatiq
import pytest
from pydantic import SecretStr

from actors.sync import declare_sync_user
from broker.broker import LeewardBroker
from leeward.client import Leeward
from leeward.extension.errors import Misconfigured, Permanent
from leeward.status import JobState, JobStatus
from leeward.sync_user import SyncUser, UserState
from middleware.order import rings
from providers.jellyfin import JellyfinConfig, UserDirectory
from simulators.faults import Effect, Rule, Stage
from simulators.jellyfin import JellyfinSimulator
from tests.support.waiting import wait_until

Actor = dramatiq.Actor[..., Any]
NOW = datetime.now(UTC)


@pytest.fixture
def jellyfin() -> Iterator[JellyfinSimulator]:
    with JellyfinSimulator() as simulator:
        yield simulator


@pytest.fixture
def directories(jellyfin: JellyfinSimulator) -> Iterator[dict[str, UserDirectory]]:
    config = JellyfinConfig(url=jellyfin.url, token=SecretStr(jellyfin.settings.token))
    with UserDirectory(config) as directory:
        yield {"jellyfin": directory}


@pytest.fixture
def broker(valkey_url: str) -> Iterator[LeewardBroker]:
    broker = LeewardBroker(valkey_url, middleware=rings())
    yield broker
    broker.close()


@pytest.fixture
def working(valkey_url: str, broker: LeewardBroker) -> Iterator[Callable[[], Leeward]]:
    """Starts a worker for what the test declared; gives a producer."""
    worker = dramatiq.Worker(broker, worker_threads=2, worker_timeout=100)
    with Leeward(valkey_url) as producer:

        def start() -> Leeward:
            worker.start()
            return producer

        yield start
        worker.stop()


def ended(client: Leeward, job_id: str) -> JobStatus:
    return wait_until(
        lambda: (status := client.status(job_id)).state.is_final and status, description="the job to end", timeout=30
    )


def test_a_job_brings_its_user_into_the_wanted_state(
    jellyfin: JellyfinSimulator, broker: LeewardBroker, directories: dict[str, UserDirectory]
) -> None:
    actor = declare_sync_user(broker, directories)

    result = actor.fn(SyncUser(user="alice", password=SecretStr("correct horse")))

    assert result["changes"] == ["created", "password"]
    assert jellyfin.accounts.account("alice").password == "correct horse"


def test_a_job_for_an_unknown_provider_is_an_operators_error(
    broker: LeewardBroker, directories: dict[str, UserDirectory]
) -> None:
    actor = declare_sync_user(broker, directories)

    with pytest.raises(Misconfigured, match="'plex'"):
        actor.fn(SyncUser(provider="plex", user="alice"))


def test_an_expiry_is_recorded_before_the_account_is_touched(
    jellyfin: JellyfinSimulator, broker: LeewardBroker, directories: dict[str, UserDirectory]
) -> None:
    recorded: list[tuple[SyncUser, int]] = []
    accounts_before = len(jellyfin.accounts.all())
    actor = declare_sync_user(broker, directories, lambda job: recorded.append((job, len(jellyfin.accounts.all()))))
    job = SyncUser(user="alice", expires_at=NOW + timedelta(days=30))

    actor.fn(job)

    assert recorded == [(job, accounts_before)]


def test_a_job_without_an_expiry_records_none(broker: LeewardBroker, directories: dict[str, UserDirectory]) -> None:
    recorded: list[SyncUser] = []
    actor = declare_sync_user(broker, directories, recorded.append)

    actor.fn(SyncUser(user="alice"))

    assert recorded == []


def test_a_job_that_waited_out_an_outage_does_not_enable_an_expired_account(
    jellyfin: JellyfinSimulator, broker: LeewardBroker, directories: dict[str, UserDirectory]
) -> None:
    actor = declare_sync_user(broker, directories, now=lambda: NOW + timedelta(days=31))

    result = actor.fn(SyncUser(user="alice", expires_at=NOW + timedelta(days=30)))

    assert result["state"] == "disabled"
    assert jellyfin.accounts.named("alice") is None


def test_a_refused_account_is_permanent(broker: LeewardBroker, directories: dict[str, UserDirectory]) -> None:
    actor = declare_sync_user(broker, directories)

    with pytest.raises(Permanent):
        actor.fn(SyncUser(user="admin", state=UserState.DISABLED))


def test_a_job_runs_to_its_end_through_the_fleet(
    jellyfin: JellyfinSimulator,
    broker: LeewardBroker,
    directories: dict[str, UserDirectory],
    working: Callable[[], Leeward],
) -> None:
    declare_sync_user(broker, directories)
    client = working()

    job = client.enqueue(SyncUser(user="alice", password=SecretStr("correct horse")), idempotency_key="invite-17")

    assert client.result(job.job_id)["user"] == "alice"
    assert jellyfin.accounts.account("alice").password == "correct horse"


def test_a_lost_answer_and_a_locked_database_end_in_one_account(
    jellyfin: JellyfinSimulator,
    broker: LeewardBroker,
    directories: dict[str, UserDirectory],
    working: Callable[[], Leeward],
) -> None:
    declare_sync_user(broker, directories)
    jellyfin.faults.set(
        Rule(operation="POST /Users/New", effect=Effect.RESET, stage=Stage.AFTER, times=1),
        Rule(operation="POST /Users/Password", effect=Effect.STATUS, status=500, times=1),
    )
    client = working()

    job = client.enqueue(SyncUser(user="alice", password=SecretStr("correct horse")))

    assert ended(client, job.job_id).state is JobState.DONE
    assert jellyfin.record.counts()["user_created"] == 1
    assert jellyfin.accounts.account("alice").password == "correct horse"


def test_a_business_rule_is_a_dead_letter_at_once(
    broker: LeewardBroker, directories: dict[str, UserDirectory], working: Callable[[], Leeward]
) -> None:
    declare_sync_user(broker, directories)
    client = working()

    job = client.enqueue(SyncUser(user="admin", state=UserState.DISABLED))

    status = ended(client, job.job_id)
    assert (status.state, status.reason) == (JobState.DEAD, "permanent")
