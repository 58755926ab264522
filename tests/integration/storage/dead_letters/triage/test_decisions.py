import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest
from sqlalchemy import Connection, Engine

from storage.dead_letters.audit import EventKind
from storage.dead_letters.letter.queries import UnknownDeadLetter
from storage.dead_letters.letter.views import Summary
from storage.dead_letters.state import State
from storage.dead_letters.triage.decisions import DeadLetterChanged, ImpossibleStep, assign, discard, note, review
from tests.integration.storage.rows import events, keep, letter, read


@pytest.fixture
def id_(connection: Connection) -> UUID:
    return keep(connection, letter(1))[0]


def test_a_review_gives_a_dead_letter_an_owner(connection: Connection, id_: UUID) -> None:
    with connection.begin():
        changed = review(connection, id_, 1, who="ada")

    assert (changed.state, changed.owner, changed.version) == (State.REVIEWING, "ada", 2)
    (event,) = events(connection, id_)
    assert (event.event, event.who) == (EventKind.REVIEWED, "ada")
    assert (event.from_state, event.to_state) == (State.FAILED, State.REVIEWING)


def test_a_dead_letter_is_handed_on_and_given_back(connection: Connection, id_: UUID) -> None:
    with connection.begin():
        handed_on = assign(connection, id_, 1, who="ada", owner="grace")
        given_back = assign(connection, id_, 2, who="grace", owner=None)

    assert (handed_on.state, handed_on.owner) == (State.REVIEWING, "grace")
    assert (given_back.state, given_back.owner) == (State.FAILED, None)
    assert [event.detail["owner"] for event in events(connection, id_)] == ["grace", None]


def test_the_audit_keeps_every_note(connection: Connection, id_: UUID) -> None:
    with connection.begin():
        note(connection, id_, 1, who="ada", text="first thought")
        note(connection, id_, 2, who="ada", text="second\x00 thought")

    assert read(connection, id_).note == "second\\u0000 thought"
    assert [event.detail["note"] for event in events(connection, id_)] == ["first thought", "second\\u0000 thought"]


def test_a_discarded_dead_letter_can_be_noted_on_and_nothing_else(connection: Connection, id_: UUID) -> None:
    with connection.begin():
        discard(connection, id_, 1, who="ada", note="the user left")
        note(connection, id_, 2, who="ada", text="asked again")
    steps: list[Callable[[], Summary]] = [
        lambda: review(connection, id_, 3, who="ada"),
        lambda: assign(connection, id_, 3, who="ada", owner="grace"),
        lambda: discard(connection, id_, 3, who="ada", note="twice"),
    ]

    for step in steps:
        with (
            pytest.raises(ImpossibleStep, match="is discarded: only failed or reviewing ones can be"),
            connection.begin(),
        ):
            step()
    assert read(connection, id_).version == 3


def test_who_decides_on_an_old_version_is_told_who_was_faster(connection: Connection, id_: UUID) -> None:
    with connection.begin():
        review(connection, id_, 1, who="ada")

    with (
        pytest.raises(
            DeadLetterChanged, match=r"reviewing, owned by ada, at version 2 \(you had version 1\)"
        ) as raised,
        connection.begin(),
    ):
        discard(connection, id_, 1, who="grace", note="looks old")

    assert raised.value.current.owner == "ada"
    assert raised.value.expected_version == 1
    assert read(connection, id_).state is State.REVIEWING


def test_of_two_at_the_same_moment_the_second_is_told(engine: Engine, connection: Connection, id_: UUID) -> None:
    together = threading.Barrier(8)

    def take(who: str) -> str:
        together.wait()
        with engine.connect() as own, own.begin():
            try:
                review(own, id_, 1, who=who)
            except DeadLetterChanged as conflict:
                return f"told of {conflict.current.owner}"
            return "took it"

    people = [f"admin-{number}" for number in range(8)]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(take, people))

    owner = people[answers.index("took it")]
    assert sorted(answers) == [f"told of {owner}"] * 7 + ["took it"]
    assert read(connection, id_).version == 2
    assert len(events(connection, id_)) == 1


def test_nothing_is_decided_on_what_is_not_there(connection: Connection) -> None:
    with pytest.raises(UnknownDeadLetter), connection.begin():
        review(connection, UUID(int=1), 1, who="ada")


def test_long_names_and_notes_are_cut(connection: Connection, id_: UUID) -> None:
    with connection.begin():
        changed = assign(connection, id_, 1, who="w" * 9_000, owner="o" * 9_000)
        noted = note(connection, id_, 2, who="ada", text="n" * 90_000)

    assert changed.owner is not None
    assert noted.note is not None
    assert (len(changed.owner), len(noted.note)) == (200, 4_000)
