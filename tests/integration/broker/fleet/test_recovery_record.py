"""The record of recovery actions: bounded, and right also after an outage of hours."""

from datetime import UTC, datetime, timedelta

import redis

from broker.fleet.recovery.record import KEPT, Attempt, Outcome, claim, finish, history, note, totals, under_way

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)
FAILED, RECOVERED, UNDER_WAY = Outcome.FAILED, Outcome.RECOVERED, Outcome.UNDER_WAY


def attempt(
    second: int = 0, outcome: Outcome = FAILED, *, of: str = "postgresql", action: str = "reconnect"
) -> Attempt:
    return Attempt(
        action=action,
        of=of,
        operation="drain",
        outcome=outcome,
        at=NOON + timedelta(seconds=second),
        took=timedelta(milliseconds=20),
        detail=f"at {second} s",
        by="host:1",
    )


def test_failures_one_after_the_other_are_one_entry_and_each_is_counted(valkey: redis.Redis) -> None:
    for second in range(5):
        note(valkey, attempt(second))
        note(valkey, attempt(second, of="lab"))
    note(valkey, attempt(9, RECOVERED))

    newest, *others = history(valkey)
    assert (newest.outcome, newest.attempts) == (RECOVERED, 1)
    assert {(one.of, one.attempts, one.at, one.last) for one in others} == {
        (of, 5, NOON, NOON + timedelta(seconds=4)) for of in ("postgresql", "lab")
    }
    assert totals(valkey)["reconnect"].failed == 10
    assert totals(valkey)["reconnect"].success_rate == 1 / 11
    assert totals(valkey)["reconnect"].took == timedelta(milliseconds=220)


def test_a_failure_after_a_recovery_is_another_entry(valkey: redis.Redis) -> None:
    for second, outcome in enumerate((FAILED, RECOVERED, FAILED)):
        note(valkey, attempt(second, outcome))

    assert [one.outcome for one in history(valkey)] == [FAILED, RECOVERED, FAILED]


def test_the_history_is_bounded(valkey: redis.Redis) -> None:
    for second in range(KEPT + 5):
        note(valkey, attempt(second, RECOVERED))

    assert len(history(valkey)) == KEPT == valkey.llen("leeward:{recovery}:history")
    assert history(valkey, limit=1)[0].detail == f"at {KEPT + 4} s"


def test_the_outcome_of_what_is_under_way_is_said_once(valkey: redis.Redis) -> None:
    begun = attempt(0, UNDER_WAY, of="lab")
    note(valkey, begun)
    assert under_way(valkey, "lab") == begun.id
    assert totals(valkey) == {}

    said = [finish(valkey, begun.id, RECOVERED, timedelta(seconds=3), "closed") for _ in range(2)]

    assert said == [True, False]
    assert under_way(valkey, "lab") is None
    (only,) = history(valkey)
    assert (only.outcome, only.took, only.detail) == (RECOVERED, timedelta(seconds=3), "closed")
    assert totals(valkey)["reconnect"].recovered == 1


def test_what_failed_again_after_it_was_under_way_is_one_entry(valkey: redis.Redis) -> None:
    for second in range(3):
        begun = attempt(second, UNDER_WAY, of="lab")
        note(valkey, begun)
        note(valkey, attempt(second, RECOVERED, of="postgresql"))
        finish(valkey, begun.id, FAILED, timedelta(milliseconds=50), f"failed again at {second} s")

    found = [one for one in history(valkey) if one.of == "lab"]
    assert [(one.outcome, one.attempts, one.detail) for one in found] == [(FAILED, 3, "failed again at 2 s")]
    assert (found[0].at, found[0].last) == (NOON, NOON + timedelta(seconds=2))
    assert len(history(valkey)) == 4
    assert totals(valkey)["reconnect"].failed == 3


def test_one_process_of_the_fleet_may_try_within_a_pause(valkey: redis.Redis) -> None:
    minute = timedelta(minutes=1)

    assert [claim(valkey, "restart", of, minute) for of in ("a", "a", "b")] == [True, False, True]
    assert claim(valkey, "restart", "a", timedelta(0))
    assert 0 < valkey.pttl("leeward:{recovery}:pause:restart:a") <= 60_000


def test_a_test_is_on_record_and_not_counted(valkey: redis.Redis) -> None:
    tried = Attempt(
        action="reconnect",
        of="postgresql",
        operation="test",
        outcome=RECOVERED,
        at=NOON,
        took=timedelta(0),
        is_test=True,
    )

    note(valkey, tried)

    assert history(valkey)[0].is_test
    assert totals(valkey) == {}
