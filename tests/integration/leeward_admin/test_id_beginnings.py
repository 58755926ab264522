"""The beginning of an id is enough where no other one begins so."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import Connection, Engine

from leeward_admin import (
    AmbiguousId,
    DeadLetters,
    FailureGroups,
    InvalidFilter,
    Replays,
    UnknownDeadLetter,
    UnknownGroup,
    UnknownReplay,
)
from tests.integration.storage.rows import keep, letter

NOW = datetime.now(UTC)


def no_server() -> None:
    raise AssertionError("ids of dead letters need no Valkey")


@pytest.fixture
def found(engine: Engine) -> DeadLetters:
    return DeadLetters(engine, no_server, list)  # type: ignore[arg-type]


def test_a_dead_letter_is_found_by_the_beginning_of_its_id(connection: Connection, found: DeadLetters) -> None:
    first, second = keep(connection, letter(1), letter(2))

    assert found.id_of(str(first)) == first
    length = next(at for at in range(36) if str(first)[at] != str(second)[at])
    assert found.id_of(str(first)[: length + 1]) == first
    assert found.id_of(str(second)[: length + 1].upper().replace("-", "")) == second


def test_the_candidates_are_named_where_several_begin_so(connection: Connection, found: DeadLetters) -> None:
    first, second = keep(connection, letter(1), letter(2))

    with pytest.raises(AmbiguousId) as ambiguous:
        found.id_of(str(first)[:6])

    assert set(ambiguous.value.candidates) == {str(first), str(second)}
    assert str(first) in str(ambiguous.value)


def test_what_no_id_begins_with_is_unknown_and_what_no_id_can_begin_with_is_invalid(
    engine: Engine, found: DeadLetters
) -> None:
    with pytest.raises(UnknownDeadLetter, match="abcd1234"):
        found.id_of("abcd1234")
    with pytest.raises(UnknownReplay, match="abcd1234"):
        Replays(engine, no_server).id_of("abcd1234")  # type: ignore[arg-type]
    with pytest.raises(UnknownGroup):
        FailureGroups(engine, no_server).get("abcd1234", now=NOW)  # type: ignore[arg-type]
    for text in ("abc", "hello", "", "%%%%"):
        with pytest.raises(InvalidFilter, match="is not the id of a dead letter"):
            found.id_of(text)
