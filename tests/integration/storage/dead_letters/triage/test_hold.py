"""Legal hold, and what a decision leaves for retention."""

from collections.abc import Callable
from uuid import UUID

import pytest
from sqlalchemy import Connection, Engine

from storage.dead_letters.audit import EventKind
from storage.dead_letters.letter.queries import UnknownDeadLetter
from storage.dead_letters.letter.views import Summary
from storage.dead_letters.state import State
from storage.dead_letters.triage.decisions import DeadLetterChanged, discard, hold, release, review
from tests.integration.storage.rows import events, keep, letter, read

Change = Callable[..., Summary]


@pytest.fixture
def id_(connection: Connection) -> UUID:
    return keep(connection, letter(1))[0]


def test_a_hold_and_its_end_are_in_the_audit_with_their_reasons(connection: Connection, id_: UUID) -> None:
    with connection.begin():
        held = hold(connection, id_, 1, who="ada", reason="case 17")
        freed = release(connection, id_, 2, who="grace", reason="case 17 is closed")

    assert (held.hold, held.version, freed.hold, freed.version) == (True, 2, False, 3)
    told = [(event.event, event.who, event.detail) for event in events(connection, id_)]
    assert told == [
        (EventKind.HELD, "ada", {"reason": "case 17"}),
        (EventKind.RELEASED, "grace", {"reason": "case 17 is closed"}),
    ]


def test_a_hold_stays_whatever_is_decided_and_is_possible_afterwards(connection: Connection, id_: UUID) -> None:
    with connection.begin():
        hold(connection, id_, 1, who="ada", reason="r")
        review(connection, id_, 2, who="ada")
        discard(connection, id_, 3, who="ada", note="n")
        release(connection, id_, 4, who="ada", reason="r")
        hold(connection, id_, 5, who="ada", reason="r")

    found = read(connection, id_)
    assert (found.state, found.hold) == (State.DISCARDED, True)


def test_what_is_discarded_is_finished_from_then_on(connection: Connection, id_: UUID) -> None:
    with connection.begin():
        assert review(connection, id_, 1, who="ada").finished_at is None
        discarded = discard(connection, id_, 2, who="ada", note="n")

    assert discarded.finished_at == discarded.updated_at


@pytest.mark.parametrize("change", [hold, release])
def test_the_second_of_two_people_at_one_row_is_told(
    engine: Engine, connection: Connection, id_: UUID, change: Change
) -> None:
    seen = read(connection, id_).version
    with engine.begin() as other:
        review(other, id_, seen, who="grace")

    with connection.begin(), pytest.raises(DeadLetterChanged, match="owned by grace, at version 2") as told:
        change(connection, id_, seen, who="ada", reason="r")

    assert told.value.current.owner == "grace"
    assert read(connection, id_).hold is False
    assert [event.event for event in events(connection, id_)] == [EventKind.REVIEWED]


@pytest.mark.parametrize("change", [hold, release])
def test_what_is_not_there_cannot_be_held(connection: Connection, change: Change) -> None:
    with connection.begin(), pytest.raises(UnknownDeadLetter):
        change(connection, UUID(int=7), 1, who="ada", reason="r")
