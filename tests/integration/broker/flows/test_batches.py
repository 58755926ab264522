"""Jobs that are counted together, and the follow-ups that wait for all of them."""

from collections.abc import Sequence

import pytest
import redis

from broker.broker import LeewardBroker
from leeward import BatchIncomplete, BatchNotFound, BatchState, BatchStatus, Enqueued, Leeward, Request, SyncUser
from leeward.errors import IdempotencyConflict, Invalid, QueueFull
from leeward.wire.keys import ProviderKeys
from tests.integration.broker.flows.conftest import Actors
from tests.integration.broker.flows.test_follow_ups import JELLYFIN, mail, replay_of, run
from tests.support.fleets.workers_under_test import dead_letters


def users(*names: str) -> list[SyncUser]:
    return [SyncUser(user=name) for name in names]


def counts(status: BatchStatus) -> tuple[int, int, int, int, int]:
    return (status.total, status.pending, status.done, status.dead, status.cancelled)


def ids(answers: Sequence[Enqueued | IdempotencyConflict]) -> list[str]:
    return [answer.job_id for answer in answers]


REPORT = mail("report@example.org")
SUCCESS = mail("success@example.org")


def test_a_batch_shows_how_many_of_its_jobs_ended_and_how(
    broker: LeewardBroker, fleet: Leeward, actors: Actors, valkey: "redis.Redis"
) -> None:
    actors.fail.add("carol")
    batch = fleet.enqueue_batch([*users("alice", "bob", "carol", "dave"), mail("erin@example.org")], on_done=REPORT)
    begun = fleet.batch(batch.batch_id)
    assert fleet.cancel(ids(batch.answers)[3])

    run(broker, valkey)

    assert (begun.state, counts(begun)) == (BatchState.RUNNING, (5, 5, 0, 0, 0))
    ended = fleet.batch(batch.batch_id)
    assert (ended.state, counts(ended)) == (BatchState.ENDED, (5, 0, 3, 1, 1))
    assert ended.began is not None
    assert ended.ended is not None
    assert ended.began <= ended.ended
    assert actors.ran["report@example.org"] == 1


def test_its_follow_up_for_success_waits_for_a_replay(
    broker: LeewardBroker, fleet: Leeward, actors: Actors, valkey: "redis.Redis"
) -> None:
    actors.fail.add("bob")
    batch = fleet.enqueue_batch(users("alice", "bob"), on_done=REPORT, on_success=SUCCESS)
    run(broker, valkey)
    assert counts(fleet.batch(batch.batch_id)) == (2, 0, 1, 1, 0)
    assert actors.ran["success@example.org"] == 0

    actors.fail.clear()
    broker.enqueue(replay_of(dead_letters(valkey, "jellyfin")[0]["message"]))
    run(broker, valkey)

    assert counts(fleet.batch(batch.batch_id)) == (2, 0, 2, 0, 0)
    assert (actors.ran["report@example.org"], actors.ran["success@example.org"]) == (1, 1)


def test_a_replay_that_dies_again_counts_once(
    broker: LeewardBroker, fleet: Leeward, actors: Actors, valkey: "redis.Redis"
) -> None:
    actors.fail.add("alice")
    batch = fleet.enqueue_batch(users("alice"), on_done=REPORT)
    run(broker, valkey)

    broker.enqueue(replay_of(dead_letters(valkey, "jellyfin")[0]["message"]))
    run(broker, valkey)

    assert counts(fleet.batch(batch.batch_id)) == (1, 0, 0, 1, 0)
    assert actors.ran["report@example.org"] == 1


def test_the_last_one_may_be_cancelled(
    broker: LeewardBroker, fleet: Leeward, actors: Actors, valkey: "redis.Redis"
) -> None:
    batch = fleet.enqueue_batch(users("alice"), on_done=REPORT, on_success=SUCCESS)

    fleet.cancel(ids(batch.answers)[0])
    run(broker, valkey)

    assert actors.ran == {"report@example.org": 1}


def test_a_flushed_queue_counts_as_cancelled(
    broker: LeewardBroker, fleet: Leeward, actors: Actors, valkey: "redis.Redis"
) -> None:
    batch = fleet.enqueue_batch(users("alice", "bob"), on_done=REPORT)

    broker.flush("sync.jellyfin")
    run(broker, valkey)

    assert counts(fleet.batch(batch.batch_id)) == (2, 0, 0, 0, 2)
    assert actors.ran == {"report@example.org": 1}


def test_a_batch_without_jobs_has_ended(
    broker: LeewardBroker, fleet: Leeward, actors: Actors, valkey: "redis.Redis"
) -> None:
    batch = fleet.enqueue_batch([], on_done=REPORT, on_success=SUCCESS)

    run(broker, valkey)

    assert fleet.batch(batch.batch_id).state is BatchState.ENDED
    assert actors.ran == {"report@example.org": 1, "success@example.org": 1}
    with pytest.raises(Invalid):
        fleet.enqueue_batch([])


def test_the_same_key_and_jobs_are_the_same_batch(
    broker: LeewardBroker, fleet: Leeward, actors: Actors, valkey: "redis.Redis"
) -> None:
    first = fleet.enqueue_batch(users("alice", "bob"), key="import-17", on_done=REPORT)
    again = fleet.enqueue_batch(users("alice", "bob"), key="import-17", on_done=REPORT)
    run(broker, valkey)
    late = fleet.enqueue_batch(users("alice", "bob"), key="import-17", on_done=REPORT)
    run(broker, valkey)

    assert first.batch_id == again.batch_id == late.batch_id
    assert ids(first.answers) == ids(again.answers) == ids(late.answers)
    assert actors.ran == {"alice": 1, "bob": 1, "report@example.org": 1}
    with pytest.raises(IdempotencyConflict):
        fleet.enqueue_batch(users("alice", "carol"), key="import-17")


def test_it_is_not_enqueued_again_even_when_its_outcomes_are_gone(
    broker: LeewardBroker, fleet: Leeward, actors: Actors, valkey: "redis.Redis"
) -> None:
    fleet.enqueue_batch(users("alice"), key="import-17")
    run(broker, valkey)
    for key in valkey.keys("*outcome:*"):
        valkey.delete(key)

    fleet.enqueue_batch(users("alice"), key="import-17")
    run(broker, valkey)

    assert actors.ran == {"alice": 1}


def test_a_duplicate_of_a_job_outside_is_not_waited_for(
    broker: LeewardBroker, fleet: Leeward, actors: Actors, valkey: "redis.Redis"
) -> None:
    outside = fleet.enqueue(SyncUser(user="alice"), idempotency_key="alice")

    batch = fleet.enqueue_batch([Request(SyncUser(user="alice"), idempotency_key="alice"), *users("bob")])

    assert ids(batch.answers)[0] == outside.job_id
    assert counts(fleet.batch(batch.batch_id)) == (1, 1, 0, 0, 0)


def test_a_batch_that_was_refused_in_part_goes_on_with_its_key(
    broker: LeewardBroker, fleet: Leeward, actors: Actors, valkey: "redis.Redis"
) -> None:
    valkey.hset(JELLYFIN.guards, mapping={"max_waiting": 1})
    valkey.set(JELLYFIN.root + "bounded", "1")
    with pytest.raises(BatchIncomplete) as incomplete:
        fleet.enqueue_batch(users("alice", "bob"), on_done=REPORT)
    error = incomplete.value
    assert isinstance(error.__cause__, QueueFull)
    assert fleet.batch(error.batch_id).state is BatchState.OPEN
    valkey.delete(JELLYFIN.guards, JELLYFIN.root + "bounded")
    run(broker, valkey, until=lambda: actors.ran["alice"] == 1)

    fleet.enqueue_batch(users("alice", "bob"), on_done=REPORT, key=error.key)
    run(broker, valkey)

    assert actors.ran == {"alice": 1, "bob": 1, "report@example.org": 1}


def test_a_large_batch_is_counted_to_the_end(
    broker: LeewardBroker, fleet: Leeward, actors: Actors, valkey: "redis.Redis"
) -> None:
    names = [f"user-{number}" for number in range(1_500)]
    batch = fleet.enqueue_batch([*users(*names), mail("erin@example.org")], on_success=SUCCESS)

    run(broker, valkey)

    assert counts(fleet.batch(batch.batch_id)) == (1_501, 0, 1_501, 0, 0)
    assert actors.ran["success@example.org"] == 1


def test_what_is_no_batch_is_not_found(fleet: Leeward) -> None:
    with pytest.raises(BatchNotFound):
        fleet.batch("jellyfin:none")
    for text in ("", "none", "{x}:y", ":y", "jellyfin:"):
        with pytest.raises(Invalid):
            fleet.batch(text)


def test_a_batch_is_kept_for_a_time_only(fleet: Leeward, actors: Actors, valkey: "redis.Redis") -> None:
    batch = fleet.enqueue_batch(users("alice"))
    name = batch.batch_id.partition(":")[2]

    keys = ProviderKeys("jellyfin").batch(name), ProviderKeys("jellyfin").batch(name) + ":members"

    assert all(0 < valkey.pttl(key) <= 30 * 86_400_000 for key in keys)
