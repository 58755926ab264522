"""A replay while it runs: what makes it wait, what stops it, and what people do with it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import Thread
from uuid import UUID

import pytest
import redis
from sqlalchemy import Connection, text

from broker.fleet import health_record
from broker.guards.config import Mode
from broker.guards.store import Guards
from leeward import SyncUser
from leeward.extension.errors import Permanent
from leeward_admin.admin import Admin
from leeward_admin.replays import Progress
from middleware.order import rings
from storage.dead_letters.state import State
from storage.dead_letters.triage.decisions import discard
from storage.replays.rules import Rules
from storage.replays.state import ItemOutcome, ReplayState
from storage.replays.steps import ImpossibleReplayStep, ReplayChanged
from tests.integration.storage.rows import events, keep, letter, read
from tests.integration.workers.background.replays.fleet import declare_sync, enqueue_all, jobs, made, waiting
from tests.support.fleets.workers_under_test import broker_at, working
from tests.support.waiting import wait_until

QUEUED, PENDING, DONE = ItemOutcome.QUEUED, ItemOutcome.PENDING, ItemOutcome.DONE
NOW = text("SELECT now()")


@contextmanager
def followed(admin: Admin, id_: UUID) -> Iterator[None]:
    """Runs a replay beside the test until it is no longer running."""
    thread = Thread(target=lambda: list(admin.replays.follow(id_)), daemon=True)
    thread.start()
    try:
        yield
    finally:
        if admin.replays.get(id_).replay.state is ReplayState.RUNNING:
            admin.replays.cancel(id_, who="the test's end")
        thread.join(30)


@contextmanager
def workers(url: str, function: Callable[[SyncUser], None]) -> Iterator[None]:
    with broker_at(url, middleware=rings()) as broker:
        declare_sync(broker, function)
        with working(broker):
            yield


def until(admin: Admin, id_: UUID, is_so: Callable[[Progress], bool], what: str) -> Progress:
    def look() -> Progress | None:
        progress = admin.replays.get(id_)
        return progress if is_so(progress) else None

    found = wait_until(look, description=what, timeout=30, interval=0.05)
    assert found is not None
    return found


def refuses(_job: SyncUser) -> None:
    raise Permanent("no such thing", provider="jellyfin", operation="create_user")


def test_after_a_canary_that_does_well_the_rest_follows(
    admin: Admin, connection: Connection, valkey: "redis.Redis", valkey_url: str
) -> None:
    keep(connection, *(letter(number) for number in range(50)))
    id_ = made(admin, rules=Rules(canary=3))

    with followed(admin, id_):
        waits = until(admin, id_, lambda now: "canary to end" in str(now.replay.cause), "the wait for the canary")
        assert (waits.counts[QUEUED], waits.counts[PENDING], len(jobs(valkey))) == (3, 47, 3)
        assert ", since 20" in str(waits.replay.cause)
        with workers(valkey_url, lambda _job: None):
            finished = until(admin, id_, lambda now: now.replay.state is ReplayState.FINISHED, "the end")

    assert finished.counts[DONE] == 50
    assert finished.replay.ended_at is not None


def test_a_canary_that_fails_stops_it_and_nothing_beyond_the_canary_is_enqueued(
    admin: Admin, connection: Connection, valkey: "redis.Redis", valkey_url: str
) -> None:
    ids = keep(connection, *(letter(number) for number in range(50)))
    id_ = made(admin, rules=Rules(canary=3))

    with workers(valkey_url, refuses):
        *_, stopped = admin.replays.follow(id_)

    assert stopped.replay.state is ReplayState.STOPPED
    assert "its canary failed" in str(stopped.replay.cause)
    assert stopped.counts[PENDING] == 47
    assert jobs(valkey) == {}
    dead = next(item for item in admin.replays.every_item(id_) if item.outcome is ItemOutcome.DEAD_AGAIN)
    old = read(connection, dead.dead_letter_id)
    assert (old.state, old.superseded_by) == (State.REQUEUED, dead.successor)
    assert old.finished_at is not None
    assert all(read(connection, id_).version == 1 for id_ in ids[3:])


def test_a_stopped_one_goes_on_with_a_new_canary_when_a_person_says_so(
    admin: Admin, connection: Connection, valkey: "redis.Redis", valkey_url: str
) -> None:
    keep(connection, *(letter(number) for number in range(20)))
    id_ = made(admin, rules=Rules(canary=3))
    with workers(valkey_url, refuses):
        *_, stopped = admin.replays.follow(id_)

    admin.replays.resume(id_, version=stopped.replay.version)
    with followed(admin, id_):
        until(admin, id_, lambda now: now.counts[QUEUED] == 3, "the new canary")
        assert len(jobs(valkey)) == 3
        with workers(valkey_url, lambda _job: None):
            finished = until(admin, id_, lambda now: now.replay.state is ReplayState.FINISHED, "the end")

    assert finished.counts[DONE] + finished.counts[ItemOutcome.DEAD_AGAIN] == 20


def test_too_many_deaths_stop_it(admin: Admin, connection: Connection, valkey_url: str) -> None:
    keep(connection, *(letter(number) for number in range(400)))
    id_ = made(admin, rules=Rules(per_second=40, stop_minimum=10))

    with workers(valkey_url, refuses):
        *_, stopped = admin.replays.follow(id_)

    assert stopped.replay.state is ReplayState.STOPPED
    assert "that ended last died again: more than 50%" in str(stopped.replay.cause)
    assert stopped.counts[PENDING] > 0


def test_it_can_be_paused_resumed_and_cancelled_at_any_time(
    admin: Admin, connection: Connection, valkey: "redis.Redis"
) -> None:
    ids = keep(connection, *(letter(number) for number in range(600)))
    id_ = made(admin, rules=Rules(per_second=50))

    with followed(admin, id_):
        until(admin, id_, lambda now: now.counts[QUEUED] > 5, "the beginning")
        paused = admin.replays.pause(id_, who="grace")
    assert (paused.state, paused.cause) == (ReplayState.PAUSED, "paused by grace")
    enqueued = admin.replays.get(id_).counts[QUEUED]
    assert len(jobs(valkey)) == enqueued < 600

    admin.replays.resume(id_)
    with followed(admin, id_):
        until(admin, id_, lambda now: now.counts[QUEUED] > enqueued + 5, "more of it")
        cancelled = admin.replays.cancel(id_, who="grace")
    assert cancelled.state is ReplayState.CANCELLED

    counts = admin.replays.get(id_).counts
    assert len(jobs(valkey)) == counts[QUEUED]
    assert counts[QUEUED] + counts[PENDING] == 600
    untouched = [read(connection, id_) for id_ in ids[counts[QUEUED] :]]
    assert {(each.state, each.version, each.replay_id) for each in untouched} == {(State.FAILED, 1, None)}
    with pytest.raises(ImpossibleReplayStep, match="is cancelled"):
        admin.replays.resume(id_)


def test_a_decision_names_the_version_it_was_made_on(admin: Admin, connection: Connection) -> None:
    keep(connection, letter(1))
    id_ = made(admin)
    seen = admin.replays.get(id_).replay.version
    admin.replays.pause(id_, who="grace")

    with pytest.raises(ReplayChanged, match="it is paused, at version 3"):
        admin.replays.cancel(id_, who="ada", version=seen)


def test_another_velocity_acts_on_a_replay_that_runs(admin: Admin, connection: Connection) -> None:
    keep(connection, *(letter(number) for number in range(300)))
    id_ = made(admin, rules=Rules(per_second=0.5))

    with followed(admin, id_):
        until(admin, id_, lambda now: now.counts[QUEUED] >= 1, "the first")
        admin.replays.resume(id_, rules=Rules())
        until(admin, id_, lambda now: now.counts[QUEUED] == 300, "all of them, which would take ten minutes")


@pytest.mark.parametrize("how", ["circuit", "health"])
def test_it_waits_while_a_provider_is_down_and_goes_on_when_it_is_back(
    admin: Admin, connection: Connection, valkey: "redis.Redis", how: str
) -> None:
    keep(connection, *(letter(number) for number in range(300)), *(letter(n, provider="emby") for n in range(301, 311)))
    guards = Guards(valkey, "jellyfin")
    id_ = made(admin, rules=Rules(per_second_each=40))

    def goes_down() -> None:
        if how == "circuit":
            guards.mode(Mode.FORCED_OPEN, "ada", "maintenance")
        else:
            for second in (1, 2):
                found(healthy=False, second=second)

    def comes_back() -> None:
        guards.mode(Mode.AUTO, "ada", "over")
        found(healthy=True, second=3)

    def found(*, healthy: bool, second: int) -> None:
        at = connection.execute(NOW).scalar_one() + timedelta(seconds=second)
        health_record.record(valkey, "jellyfin", healthy=healthy, detail="a probe", latency=timedelta(), now=lambda: at)

    with followed(admin, id_):
        until(admin, id_, lambda now: now.counts[QUEUED] > 5, "the beginning")
        goes_down()
        waits = until(admin, id_, lambda now: now.replay.cause is not None, "the wait")
        assert "jellyfin" in str(waits.replay.cause)
        assert waits.replay.state is ReplayState.RUNNING
        assert waits.counts[PENDING] > 0
        assert len(jobs(valkey, "emby")) == 10
        comes_back()
        until(admin, id_, lambda now: now.counts[PENDING] == 0, "the rest")

    assert len(jobs(valkey)) == 300


def test_a_letter_that_somebody_took_meanwhile_is_refused_and_says_who(
    admin: Admin, connection: Connection, valkey: "redis.Redis"
) -> None:
    one, other = keep(connection, letter(1), letter(2))
    id_ = made(admin)
    with connection.begin():
        discard(connection, one, 1, who="grace", note="not wanted any more")

    enqueue_all(admin, id_)

    first, second = admin.replays.every_item(id_)
    assert (first.outcome, first.why) == (ItemOutcome.REFUSED, "grace has taken it: it is discarded")
    assert second.outcome is QUEUED
    assert len(jobs(valkey)) == 1
    assert [event.event for event in events(connection, one)] == ["discarded"]
    assert other == second.dead_letter_id


def test_a_job_that_is_cancelled_does_not_keep_its_replay_waiting(
    admin: Admin, connection: Connection, valkey: "redis.Redis"
) -> None:
    (dead,) = keep(connection, letter(1))
    id_ = made(admin)

    with followed(admin, id_):
        until(admin, id_, lambda now: now.counts[QUEUED] == 1, "the job")
        assert admin.jobs.cancel(waiting(valkey)[0])
        finished = until(admin, id_, lambda now: now.replay.state is ReplayState.FINISHED, "the end")

    (item,) = admin.replays.every_item(id_)
    assert finished.counts[ItemOutcome.REFUSED] == 1
    assert "gone without an outcome" in str(item.why)
    assert read(connection, dead).state is State.FAILED
