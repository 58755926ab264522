"""What cannot be enqueued: for ever, and then it is kept aside; or now, and then it waits. Neither delays the others."""

from collections.abc import Callable
from typing import Any

import pytest
import redis
from sqlalchemy import Engine, text

from broker.guards.config import GuardConfig
from broker.guards.store import Guards
from leeward import Request, SendEmail, SyncUser, outbox
from leeward.outbox.relaying import relay
from leeward.outbox.row import shard_of
from leeward.record.reader import text_of
from leeward.wire.keys import ProviderKeys
from leeward.wire.limits import MESSAGE_LIMIT_BYTES
from storage.outbox_rows import figures
from storage.outbox_rows.shard import Shard, shards
from tests.support.published import publication
from tests.support.waiting import wait_until
from workers.relay import mover as module
from workers.relay.mover import Mover
from workers.relay.relay import Relay

MAIL = SendEmail(to=("alice@example.org",), subject="Hi", text="Hello")
KEYS = ProviderKeys("jellyfin")


def user(name: object, provider: str = "jellyfin") -> SyncUser:
    return SyncUser(user=f"user-{name}", provider=provider)


def commit(shop: Engine, *requests: Request | SyncUser | SendEmail) -> list[str]:
    with shop.begin() as connection:
        return [added.job_id for added in outbox.add_many(connection, requests)]


def move_all(shop: Engine, mover: Mover) -> None:
    with shop.connect() as connection:
        found = shards(connection)
    for shard in found:
        while mover.move(shard):
            pass


def refused(shop: Engine) -> dict[str, str]:
    """Job -> code."""
    with shop.connect() as connection:
        return {job.job_id: job.code for job in figures.refused_jobs(connection, 100)}


def waiting(shop: Engine) -> list[str]:
    query = "SELECT job_id FROM leeward_outbox WHERE refused_code IS NULL ORDER BY id"
    with shop.connect() as connection:
        return list(connection.execute(text(query)).scalars())


def jobs(client: redis.Redis, provider: str = "jellyfin") -> set[str]:
    return set(map(text_of, client.hkeys(ProviderKeys(provider).jobs)))


def lane(client: redis.Redis, partition: str) -> list[str]:
    return list(map(text_of, client.lrange(f"{KEYS.root}ready:sync.jellyfin:normal:{partition}", 0, -1)))


def limited(client: redis.Redis, **numbers: Any) -> None:
    Guards(client, "jellyfin").declare(GuardConfig(**numbers))


class Clock:
    """Monotonic seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def mover(shop: Engine, client: redis.Redis, clock: Clock) -> Mover:
    return Mover(shop, client, clock=clock)


def test_a_key_of_other_work_is_kept_aside_with_the_reason(shop: Engine, mover: Mover, client: redis.Redis) -> None:
    first, conflict, same, after = commit(
        shop, Request(user(1), "k"), Request(user(2), "k"), Request(user(1), "k"), user(3)
    )
    move_all(shop, mover)

    assert jobs(client) == {first, after}
    assert refused(shop) == {conflict: "idempotency_conflict"}
    assert same not in waiting(shop)
    with shop.connect() as connection:
        (kept,) = figures.refused_jobs(connection, 1)
    assert f"belongs to job {first} with another payload" in kept.reason
    assert mover.moved.refused["jellyfin", "idempotency_conflict"] == 1


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (f"message = decode(repeat('00', {MESSAGE_LIMIT_BYTES + 1}), 'hex')", "message_too_large"),
        ("place = 'sync.other:normal'", "invalid"),
        ("place = '!'", "invalid"),
    ],
)
def test_a_row_that_another_program_spoilt_is_kept_aside(
    change: str, code: str, shop: Engine, mover: Mover, client: redis.Redis
) -> None:
    spoilt, fine = commit(shop, user(1), user(2))
    with shop.begin() as connection:
        connection.execute(text(f"UPDATE leeward_outbox SET {change} WHERE job_id = :job_id"), {"job_id": spoilt})
    move_all(shop, mover)

    assert refused(shop) == {spoilt: code}
    assert jobs(client) == {fine}


def test_a_provider_that_the_fleet_does_not_know_is_kept_aside_until_it_does(
    shop: Engine, client: redis.Redis, mover: Mover, start_relay: Callable[[], Relay]
) -> None:
    publication(client, "a:1", SyncUser, providers=("jellyfin",)).announce()
    unknown, known = commit(shop, user(1, "jelyfin"), user(2))
    move_all(shop, mover)
    assert refused(shop) == {unknown: "no_worker"}
    assert jobs(client) == {known}

    publication(client, "b:1", SyncUser, providers=("jelyfin",)).announce()
    start_relay()
    wait_until(lambda: jobs(client, "jelyfin") == {unknown}, description="the row waits again, and is sent")


def test_without_any_worker_no_provider_is_unknown(shop: Engine, client: redis.Redis, mover: Mover) -> None:
    (added,) = commit(shop, user(1))
    move_all(shop, mover)

    assert jobs(client) == {added}


def test_a_full_provider_waits_and_others_do_not(shop: Engine, client: redis.Redis, mover: Mover, clock: Clock) -> None:
    limited(client, max_waiting=2)
    committed = commit(shop, *(user(n) for n in range(4)))
    (mail,) = commit(shop, MAIL)
    move_all(shop, mover)
    assert waiting(shop) == committed[2:]
    assert jobs(client, "smtp") == {mail}

    limited(client, max_waiting=3)
    move_all(shop, mover)
    assert waiting(shop) == committed[2:], "it is not tried again at once"
    clock.now += 10
    move_all(shop, mover)
    assert waiting(shop) == committed[3:]
    assert Guards(client, "jellyfin").counts()["full"] == 3, "it is tried again with one job"


def test_a_full_partition_waits_in_its_order_and_others_do_not(
    shop: Engine, client: redis.Redis, mover: Mover, clock: Clock
) -> None:
    limited(client, partition_max_waiting=2)
    small = next(name for name in map(str, range(1_000)) if in_one_shard("big", name))
    big = commit(shop, *(Request(user(n), partition="big") for n in range(300)))
    (other,) = commit(shop, Request(user("small"), partition=small))
    move_all(shop, mover)
    assert lane(client, "big") == big[:2]
    assert lane(client, small) == [other]

    limited(client, partition_max_waiting=4)
    clock.now += 10
    move_all(shop, mover)
    assert lane(client, "big") == big[:4]


def in_one_shard(*partitions: str) -> bool:
    return len({shard_of(f"sync.jellyfin:normal:{name}") for name in partitions}) == 1


def test_a_provider_that_is_switched_off_waits(shop: Engine, client: redis.Redis, mover: Mover, clock: Clock) -> None:
    limited(client, enabled=False)
    (added,) = commit(shop, user(1))
    move_all(shop, mover)
    assert (waiting(shop), refused(shop)) == ([added], {})

    limited(client, enabled=True)
    clock.now += 10
    move_all(shop, mover)
    assert jobs(client) == {added}


def test_a_relay_that_was_overtaken_enqueues_nothing(
    shop: Engine, client: redis.Redis, mover: Mover, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was stopped between its claim and its call, and PostgreSQL ended its session."""
    (added,) = commit(shop, user(1))
    shard = Shard("jellyfin", shard_of("sync.jellyfin:normal"))
    call = relay

    def stopped(*arguments: Any) -> Any:
        monkeypatch.setattr(module, "relay", call)
        with shop.begin() as connection:
            connection.execute(
                text("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 1")
            )
        other = Mover(shop, client)
        wait_until(lambda: other.move(shard) or not waiting(shop), description="another relay has moved the row")
        # That job has run, and its outcome is forgotten.
        client.delete(KEYS.jobs, KEYS.places, f"{KEYS.root}ready:sync.jellyfin:normal")
        return call(*arguments)

    monkeypatch.setattr(module, "relay", stopped)
    assert mover.move(shard) is False
    assert jobs(client) == set()
    assert waiting(shop) == []
    assert added not in refused(shop)
