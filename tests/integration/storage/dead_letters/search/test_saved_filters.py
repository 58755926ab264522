from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection

from storage.dead_letters.search.filter import InvalidFilter
from storage.dead_letters.search.saved_filters import (
    FilterExists,
    UnknownFilter,
    remove_filter,
    save_filter,
    saved_filter,
    saved_filters,
)

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
CONDITIONS: dict[str, object] = {"reasons": ["invalid"], "since": "2h"}


def save(connection: Connection, name: str, conditions: dict[str, object], *, replace: bool = False) -> None:
    with connection.begin():
        save_filter(connection, name, conditions, who="ada", replace=replace, now=NOW)


def test_a_filter_is_kept_as_it_was_written(connection: Connection) -> None:
    save(connection, "broken", CONDITIONS)

    with connection.begin():
        found = saved_filter(connection, "broken")
    assert (found.conditions, found.who) == (CONDITIONS, "ada")
    assert datetime.now(UTC) - found.saved_at < timedelta(minutes=5)


def test_a_name_that_is_taken_is_given_away_only_when_asked(connection: Connection) -> None:
    save(connection, "broken", CONDITIONS)
    save(connection, "broken", CONDITIONS)

    with pytest.raises(FilterExists, match="--replace"):
        save(connection, "broken", {"reasons": ["expired"]})
    save(connection, "broken", {"reasons": ["expired"]}, replace=True)

    with connection.begin():
        assert [each.conditions for each in saved_filters(connection)] == [{"reasons": ["expired"]}]


@pytest.mark.parametrize(
    ("name", "conditions", "advice"),
    [
        ("a b", CONDITIONS, "is not a valid name for a filter"),
        ("", CONDITIONS, "is not a valid name for a filter"),
        ("broken", {}, "matches everything"),
        ("broken", {"reason": ["invalid"]}, "did you mean reasons"),
    ],
)
def test_what_could_not_be_used_is_not_saved(
    connection: Connection, name: str, conditions: dict[str, object], advice: str
) -> None:
    with pytest.raises(InvalidFilter, match=advice):
        save(connection, name, conditions)


def test_a_name_that_nobody_gave_is_told_with_the_nearest(connection: Connection) -> None:
    save(connection, "broken", CONDITIONS)

    for ask in (saved_filter, remove_filter):
        with pytest.raises(UnknownFilter, match="did you mean broken"), connection.begin():
            ask(connection, "brokn")


def test_a_removed_filter_is_gone(connection: Connection) -> None:
    save(connection, "broken", CONDITIONS)

    with connection.begin():
        remove_filter(connection, "broken")
        assert saved_filters(connection) == []
