"""The client's promises about enqueueing."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import redis

from leeward import (
    DownloadFile,
    Enqueued,
    IdempotencyConflict,
    Leeward,
    MessageTooLarge,
    Priority,
    Request,
    SendEmail,
    SyncUser,
    Unavailable,
    UserState,
)
from leeward.wire.keys import ProviderKeys
from tests.support.answers import accepted, raw, text

JELLYFIN = ProviderKeys("jellyfin")


def waiting(client: "redis.Redis", lane: str = "normal", queue: str = "sync.jellyfin") -> list[str]:
    return [text(job) for job in client.lrange(ProviderKeys(queue.partition(".")[2]).ready(queue, lane), 0, -1)]


def stored(client: "redis.Redis", job_id: str) -> dict[str, Any]:
    message: dict[str, Any] = json.loads(raw(client.hget(JELLYFIN.jobs, job_id)))
    return message


def commands(client: "redis.Redis") -> int:
    """Scripts run so far."""
    stats = client.info("commandstats")
    return sum(stats.get(name, {}).get("calls", 0) for name in ("cmdstat_evalsha", "cmdstat_eval"))


def test_a_new_job_waits_in_the_queue_of_its_provider(fleet: Leeward, valkey: "redis.Redis") -> None:
    job = fleet.enqueue(SyncUser(user="alice"))

    assert (job.provider, job.duplicate, job.state) == ("jellyfin", False, "live")
    assert waiting(valkey) == [job.job_id]
    message = stored(valkey, job.job_id)
    assert (message["actor_name"], message["queue_name"]) == ("sync.user", "sync.jellyfin")
    assert message["kwargs"] == {"payload": {"provider": "jellyfin", "user": "alice", "state": "enabled"}}


def test_the_same_key_and_payload_is_the_same_job(fleet: Leeward, valkey: "redis.Redis") -> None:
    first = fleet.enqueue(SyncUser(user="alice"), idempotency_key="invite-17")

    second = fleet.enqueue(SyncUser(user="alice"), idempotency_key="invite-17")

    assert second == Enqueued(first.job_id, "jellyfin", duplicate=True, state="live")
    assert waiting(valkey) == [first.job_id]


def test_the_same_key_with_another_payload_is_a_conflict_that_names_the_job(fleet: Leeward) -> None:
    first = fleet.enqueue(SyncUser(user="alice"), idempotency_key="invite-17")

    with pytest.raises(IdempotencyConflict, match="invite-17") as conflict:
        fleet.enqueue(SyncUser(user="alice", state=UserState.DISABLED), idempotency_key="invite-17")

    assert (conflict.value.key, conflict.value.job_id) == ("invite-17", first.job_id)


def test_a_secret_is_part_of_the_payload_that_is_compared(fleet: Leeward) -> None:
    fleet.enqueue(SyncUser(user="alice", password="one"), idempotency_key="k")

    with pytest.raises(IdempotencyConflict):
        fleet.enqueue(SyncUser(user="alice", password="two"), idempotency_key="k")


def test_many_jobs_take_few_round_trips_and_answer_in_order(fleet: Leeward, valkey: "redis.Redis") -> None:
    # The first asks what the user may do.
    fleet.cancel(fleet.enqueue(SyncUser(user="first")).job_id)
    before = commands(valkey)

    answers = accepted(fleet.enqueue_many(SyncUser(user=f"user-{n}") for n in range(1_000)))

    assert commands(valkey) - before == 4
    assert waiting(valkey) == [answer.job_id for answer in answers]


def test_jobs_of_several_providers_answer_in_the_order_of_the_requests(fleet: Leeward, valkey: "redis.Redis") -> None:
    answers = accepted(
        fleet.enqueue_many(
            [SyncUser(user="a"), DownloadFile(url="http://x.test/f", destination="f"), SyncUser(user="b")]
        )
    )

    assert [answer.provider for answer in answers] == ["jellyfin", "http", "jellyfin"]
    assert waiting(valkey) == [answers[0].job_id, answers[2].job_id]


def test_a_conflict_among_many_hides_none_of_the_others(fleet: Leeward) -> None:
    fleet.enqueue(SyncUser(user="alice"), idempotency_key="k")

    answers = fleet.enqueue_many(
        [Request(SyncUser(user="new")), Request(SyncUser(user="bob"), idempotency_key="k"), SyncUser(user="newer")]
    )

    assert [type(answer) for answer in answers] == [Enqueued, IdempotencyConflict, Enqueued]


def test_nothing_is_enqueued_when_one_of_many_is_too_large(fleet: Leeward, valkey: "redis.Redis") -> None:
    large = SendEmail(to=("a@example.org",), subject="s", text="x" * 300_000)

    with pytest.raises(MessageTooLarge, match="pass a reference") as refused:
        fleet.enqueue_many([SyncUser(user="alice"), large])

    assert refused.value.limit_bytes == 256 * 1024
    assert refused.value.size_bytes > 300_000
    assert waiting(valkey) == []


def test_a_delayed_job_is_scheduled_by_the_servers_clock(fleet: Leeward, valkey: "redis.Redis") -> None:
    seconds, micros = valkey.time()

    job = fleet.enqueue(SyncUser(user="alice"), delay=timedelta(minutes=5))

    due = valkey.zscore(JELLYFIN.scheduled, job.job_id)
    assert due is not None
    assert 0 <= due - (seconds * 1_000 + micros // 1_000) - 300_000 < 10_000
    assert waiting(valkey) == []


@pytest.mark.parametrize("lane", list(Priority))
def test_a_priority_is_a_lane(fleet: Leeward, valkey: "redis.Redis", lane: Priority) -> None:
    job = fleet.enqueue(SyncUser(user="alice"), priority=lane)

    assert waiting(valkey, lane.value) == [job.job_id]


def test_a_jobs_own_budget_begins_when_it_is_due(fleet: Leeward, valkey: "redis.Redis") -> None:
    """Or a job that was delayed for longer than its budget would be late before it could run."""
    job = fleet.enqueue(SyncUser(user="alice"), delay=timedelta(days=3))

    due = valkey.zscore(JELLYFIN.scheduled, job.job_id)
    deadline = stored(valkey, job.job_id)["options"]["deadline"]
    assert abs(deadline - due - 24 * 3_600_000) < 10_000


def test_a_deadline_that_the_caller_gives_is_kept(fleet: Leeward, valkey: "redis.Redis") -> None:
    instant = datetime(2099, 1, 1, tzinfo=UTC)

    job = fleet.enqueue(SyncUser(user="alice"), deadline=instant, delay=timedelta(hours=1))

    assert stored(valkey, job.job_id)["options"]["deadline"] == instant.timestamp() * 1_000


@pytest.mark.parametrize(
    ("options", "advice"),
    [
        ({"delay": timedelta(seconds=-1)}, "negative"),
        ({"idempotency_key": ""}, "1 to 255 characters"),
        ({"idempotency_key": "k" * 256}, "1 to 255 characters"),
        ({"idempotency_key": 17}, "is a text"),
        ({"idempotency_key": "\udcff"}, "valid Unicode"),
        ({"deadline": datetime(2099, 1, 1)}, "time zone"),  # noqa: DTZ001 # the mistake under test
    ],
)
def test_an_impossible_option_is_refused_with_advice(fleet: Leeward, options: dict[str, Any], advice: str) -> None:
    with pytest.raises(ValueError, match=advice):
        fleet.enqueue(SyncUser(user="alice"), **options)


def test_a_server_that_is_away_is_the_clients_own_error() -> None:
    with Leeward("redis://127.0.0.1:1/0") as fleet:
        for ask in (
            lambda: fleet.enqueue(SyncUser(user="alice")),
            lambda: fleet.status("some-job"),
            lambda: fleet.result("some-job"),
            lambda: fleet.cancel("some-job"),
        ):
            with pytest.raises(Unavailable):
                ask()


def test_a_server_that_is_full_is_the_clients_own_error(fleet: Leeward, valkey: "redis.Redis") -> None:
    valkey.config_set("maxmemory", "1")
    try:
        with pytest.raises(Unavailable, match="Valkey is full"):
            fleet.enqueue(SyncUser(user="alice"))
    finally:
        valkey.config_set("maxmemory", "0")
