"""Deciding about many dead letters: those that need it and can be decided, each on the version that was read."""

import pytest
from sqlalchemy import Connection, Engine

from leeward import SyncUser
from leeward.actions import EditPayload, Letters, ReplayDeadLetters
from leeward.errors import Invalid
from leeward_admin import (
    Assign,
    DeadLetters,
    Discard,
    Filter,
    Hold,
    Release,
    Review,
    State,
    UnknownDeadLetter,
    next_steps,
)
from tests.integration.storage.rows import keep, letter, read
from tests.unit.storage.dead_letters.intake.dead_entries import message_of

WHO = "ada"


@pytest.fixture
def found(engine: Engine) -> DeadLetters:
    def no_valkey() -> None:
        raise AssertionError("decisions need no Valkey")

    return DeadLetters(engine, no_valkey, list)  # type: ignore[arg-type]


def test_a_filter_decides_about_all_that_can_be(connection: Connection, found: DeadLetters) -> None:
    first, second, third = keep(connection, letter(1), letter(2), letter(3))
    list(found.decide(Filter(ids=(first,)), Discard(WHO, "done by hand")))

    decided = list(found.decide(Filter(), Review(WHO)))

    assert {one.id for one in decided} == {second, third}
    assert all(one.conflict is None for one in decided)
    assert [read(connection, id_).state for id_ in (first, second, third)] == [
        State.DISCARDED,
        State.REVIEWING,
        State.REVIEWING,
    ]


def test_one_that_is_named_and_cannot_be_is_a_conflict_and_stops_no_other(
    connection: Connection, found: DeadLetters
) -> None:
    first, second = keep(connection, letter(1), letter(2))
    list(found.decide(Filter(ids=(first,)), Discard(WHO, "done by hand")))

    decided = {one.id: one.conflict for one in found.decide(Filter(ids=(first, second)), Assign(WHO, "grace"))}

    assert "is discarded" in str(decided[first])
    assert decided[second] is None
    assert read(connection, second).owner == "grace"


def test_a_version_that_has_passed_is_a_conflict(connection: Connection, found: DeadLetters) -> None:
    (id_,) = keep(connection, letter(1))
    list(found.decide(Filter(ids=(id_,)), Review("grace")))

    (one,) = found.decide(Filter(ids=(id_,)), Discard(WHO, "no"), version=1)

    assert "has changed since you read it (grace: reviewed" in str(one.conflict)
    assert read(connection, id_).state is State.REVIEWING


def test_what_is_held_already_needs_no_second_decision(connection: Connection, found: DeadLetters) -> None:
    keep(connection, letter(1))

    assert len(list(found.decide(Filter(), Hold(WHO, "lawsuit")))) == 1
    assert list(found.decide(Filter(), Hold(WHO, "lawsuit"))) == []
    assert len(list(found.decide(Filter(), Release(WHO, "over")))) == 1


def test_an_impossible_state_and_an_unknown_id_are_refused(connection: Connection, found: DeadLetters) -> None:
    gone = letter(9).id

    with pytest.raises(Invalid, match="requeued dead letters cannot be discarded: use failed or reviewing"):
        found.decide(Filter(states=(State.REQUEUED,)), Discard(WHO, "no"))
    with pytest.raises(UnknownDeadLetter):
        list(found.decide(Filter(ids=(gone,)), Discard(WHO, "no")))
    with pytest.raises(UnknownDeadLetter):
        found.require([gone])


def test_what_can_be_done_about_one_depends_on_what_it_lacks(connection: Connection, found: DeadLetters) -> None:
    job = SyncUser.model_validate({"user": "alice", "password": "correct horse"})
    whole, lacking, done = keep(connection, letter(1), letter(2, message=message_of(job)), letter(3))
    list(found.decide(Filter(ids=(done,)), Discard(WHO, "done by hand")))

    steps = {id_: next_steps(found.get(id_)[0]) for id_ in (whole, lacking, done)}

    assert steps[whole][0] == ReplayDeadLetters(Letters(ids=(str(whole),)), dry_run=True)
    assert steps[lacking][0] == EditPayload(str(lacking), ("password",))
    assert steps[done] == ()
