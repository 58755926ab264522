"""Dead letters become jobs again, once, and what becomes of those is seen."""

from datetime import timedelta

import pytest
import redis
from sqlalchemy import Connection

from leeward import SyncUser
from leeward.client import Leeward
from leeward.extension.errors import Transient
from leeward.jobs.dead_reason import DeadReason
from leeward_admin.admin import Admin
from storage.dead_letters.audit import EventKind
from storage.dead_letters.search.filter import Filter, InvalidFilter
from storage.dead_letters.state import State
from storage.dead_letters.triage.decisions import review
from storage.replays.creation import NothingToReplay
from storage.replays.state import ItemOutcome
from tests.integration.storage.rows import events, keep, letter, read
from tests.integration.workers.background.replays.fleet import jobs, made, outcomes, replay, selection, waiting, work
from tests.unit.storage.dead_letters.intake.dead_entries import message_of


def fails(_job: SyncUser) -> None:
    raise Transient("503 from the server", provider="jellyfin", operation="create_user")


def test_a_job_that_died_is_replayed_and_its_dead_letter_is_recovered(
    admin: Admin, connection: Connection, valkey_url: str
) -> None:
    admin.jobs.enqueue(SyncUser(user="alice"), idempotency_key="invite-17")
    work(valkey_url, fails)
    admin.dead_letters.drain()
    (dead,) = admin.dead_letters.page(Filter(), limit=9).rows
    assert dead.reason is DeadReason.EXHAUSTED
    seen: list[str] = []

    (item,) = replay(admin)
    work(valkey_url, lambda job: seen.append(job.user))
    admin.dead_letters.drain()

    assert (item.outcome, item.position, item.provider) == (ItemOutcome.QUEUED, 1, "jellyfin")
    assert seen == ["alice"]
    assert read(connection, dead.id).state is State.RECOVERED
    assert [event.event for event in events(connection, dead.id)] == [
        EventKind.REQUEUED,
        EventKind.RECOVERED,
    ]
    assert admin.jobs.enqueue(SyncUser(user="alice"), idempotency_key="invite-17").state == "done"


def test_a_replay_that_dies_again_is_a_new_dead_letter_and_the_old_one_says_so(
    admin: Admin, connection: Connection, valkey_url: str
) -> None:
    (id_,) = keep(connection, letter(1))

    replay(admin)
    work(valkey_url, fails)
    admin.dead_letters.drain()

    (successor,) = admin.dead_letters.page(Filter(states=(State.FAILED,)), limit=9).rows
    assert (successor.replay_of, successor.generation, successor.attempts) == (id_, 1, 1)
    assert read(connection, id_).state is State.REQUEUED
    assert events(connection, id_)[-1].event is EventKind.DEAD_AGAIN


def test_replays_wait_in_the_bulk_lane_behind_fresh_work(
    admin: Admin, connection: Connection, valkey: "redis.Redis"
) -> None:
    ids = keep(connection, letter(1), letter(2))

    items = replay(admin)

    assert [item.dead_letter_id for item in items] == ids
    assert waiting(valkey) == [item.job_id for item in items]
    assert admin.jobs.status(str(items[0].job_id)).queue == "sync.jellyfin"
    assert {message.options["replay_of"] for message in jobs(valkey).values()} == set(map(str, ids))


def test_a_second_run_finds_nothing_to_do(admin: Admin, connection: Connection, valkey: "redis.Redis") -> None:
    keep(connection, *(letter(number) for number in range(5)))

    assert len(replay(admin)) == 5
    with pytest.raises(NothingToReplay):
        replay(admin)
    assert len(jobs(valkey)) == 5


@pytest.mark.parametrize("done", [False, True])
def test_work_that_another_job_does_under_the_same_key_is_a_duplicate(
    admin: Admin, connection: Connection, valkey_url: str, valkey: "redis.Redis", done: bool
) -> None:
    other = admin.jobs.enqueue(SyncUser(user="user-1"), idempotency_key="invite-17")
    if done:
        work(valkey_url, lambda _job: None)
    (options,) = [keyed_options(SyncUser(user="user-1"), "invite-17")]
    (id_,) = keep(connection, letter(1, message=message_of(SyncUser(user="user-1"), options=options)))

    (item,) = replay(admin)

    assert (item.outcome, item.job_id) == (ItemOutcome.DUPLICATE, other.job_id)
    assert len(jobs(valkey)) == (0 if done else 1)
    assert read(connection, id_).state is (State.RECOVERED if done else State.REQUEUED)


def test_a_key_that_belongs_to_other_work_is_refused_and_the_letter_is_open_again(
    admin: Admin, connection: Connection, valkey: "redis.Redis"
) -> None:
    other = admin.jobs.enqueue(SyncUser(user="bob"), idempotency_key="invite-17", delay=timedelta(hours=1))
    options = keyed_options(SyncUser(user="user-1"), "invite-17")
    (id_,) = keep(connection, letter(1, message=message_of(SyncUser(user="user-1"), options=options)))

    (item,) = replay(admin)

    assert item.outcome is ItemOutcome.REFUSED
    assert other.job_id in str(item.why)
    found = read(connection, id_)
    assert (found.state, found.replayed_as) == (State.FAILED, None)
    assert events(connection, id_)[-1].detail["why"] == item.why
    assert list(jobs(valkey)) == [other.job_id]


def test_what_cannot_be_replayed_is_refused_once_with_the_reason_and_the_rest_goes_on(
    admin: Admin, connection: Connection, valkey: "redis.Redis"
) -> None:
    secret = SyncUser.model_validate({"user": "alice", "password": "correct horse"})
    unknown = message_of(options={"kind_version": 99})
    invalid = message_of(kwargs={"payload": {"user": ""}})
    ids = keep(
        connection,
        letter(1, message=b"\xff", reason="undecodable"),
        letter(2, message=message_of(secret)),
        letter(3, message=unknown, reason="invalid"),
        letter(4, message=invalid, reason="invalid"),
        letter(5),
    )
    expected = admin.replays.plan(selection())

    items = replay(admin)

    assert outcomes(items) == dict.fromkeys(ids[:4], ItemOutcome.REFUSED) | {ids[4]: ItemOutcome.QUEUED}
    assert len(items) == 5
    why = {item.dead_letter_id: str(item.why) for item in items}
    assert "not a message" in why[ids[0]]
    assert "password" in why[ids[1]]
    assert "version 99" in why[ids[2]]
    assert "user:" in why[ids[3]]
    assert all(read(connection, id_).state is State.FAILED for id_ in ids[:4])
    assert len(jobs(valkey)) == 1
    assert (expected.letters, sorted(expected.refused.values())) == (1, [1, 1, 1, 1])
    assert set(expected.refused) == set(why.values()) - {"None"}


def test_a_letter_under_review_goes_back_to_its_reviewer_when_it_is_refused(
    admin: Admin, connection: Connection
) -> None:
    (id_,) = keep(connection, letter(1, message=message_of(options={"kind_version": 99})))
    with connection.begin():
        review(connection, id_, 1, who="grace")

    replay(admin)

    found = read(connection, id_)
    assert (found.state, found.owner) == (State.REVIEWING, "grace")


def test_an_unknown_outcome_is_replayed_only_when_it_is_named_or_asked_for(
    admin: Admin, connection: Connection
) -> None:
    named, asked, other = keep(
        connection,
        letter(1, reason="unknown_outcome"),
        letter(2, reason="unknown_outcome"),
        letter(3),
    )
    assert admin.replays.plan(selection()).held_back == 2

    assert set(outcomes(replay(admin))) == {other}
    with pytest.raises(NothingToReplay):
        replay(admin, reasons=(DeadReason.UNKNOWN_OUTCOME,))
    assert set(outcomes(replay(admin, named))) == {named}
    assert set(outcomes(replay(admin, include_unknown=True))) == {asked}


def test_a_state_that_cannot_be_replayed_is_refused(admin: Admin) -> None:
    with pytest.raises(InvalidFilter):
        made(admin, states=(State.RECOVERED,))
    with pytest.raises(InvalidFilter):
        admin.replays.plan(selection(states=(State.RECOVERED,)))


def test_a_dry_run_changes_nothing(admin: Admin, connection: Connection, valkey: "redis.Redis") -> None:
    (id_,) = keep(connection, letter(1))

    expected = admin.replays.plan(selection())

    assert [tuple(group) for group in expected.groups] == [("jellyfin", "sync.user", "exhausted", 1)]
    assert read(connection, id_).version == 1
    assert events(connection, id_) == []
    assert jobs(valkey) == {}


def keyed_options(job: SyncUser, key: str) -> dict[str, object]:
    """The options that a producer's message has for a key."""
    from leeward.wire.job_message import message_for

    options = message_for(job, idempotency_key=key).options
    return {name: options[name] for name in ("idempotency_key", "fingerprint")}


def test_the_client_sees_a_replayed_job_like_any_other(admin: Admin, connection: Connection, valkey_url: str) -> None:
    keep(connection, letter(1))
    (item,) = replay(admin)

    with Leeward(valkey_url) as client:
        assert client.cancel(str(item.job_id))
        assert client.status(str(item.job_id)).state == "cancelled"
