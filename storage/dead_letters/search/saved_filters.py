"""The table `dead_letter_filters`: filters that people gave a name."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from typing import Any

from sqlalchemy import Connection, Row, delete, func, select
from sqlalchemy.dialects.postgresql import insert

from leeward.actions import ListSavedFilters
from leeward.errors import Conflict, NotFound
from storage.dead_letters.audit import WHO_LIMIT
from storage.dead_letters.search.filter import Filter
from storage.dead_letters.search.filter_values import InvalidFilter
from storage.payloads.sanitise import beginning
from storage.tables import dead_letter_filters

_NAME = re.compile(r"[\w][\w.-]{0,99}")


class UnknownFilter(NotFound):
    """Raised when no filter has this name."""

    code = "filter_not_found"

    def __init__(self, name: str, known: Iterable[str]) -> None:
        close = get_close_matches(name, known, n=1)
        hint = f": did you mean {close[0]}?" if close else ""
        super().__init__(f"there is no filter {name!r}{hint}", actions=() if close else (ListSavedFilters(),))


class FilterExists(Conflict):
    """Raised when a filter of this name says something else."""

    code = "filter_exists"


@dataclass(frozen=True, slots=True)
class SavedFilter:
    """A filter with a name.

    Attributes:
        conditions: as `Filter.to_json` has them, but `since` and `until` may be spans, counted from when the filter is used.
    """

    name: str
    conditions: dict[str, Any]
    who: str
    saved_at: datetime


def save_filter(
    connection: Connection, name: str, conditions: dict[str, Any], *, who: str, replace: bool, now: datetime
) -> None:
    """Gives conditions a name. The same again changes nothing.

    Raises:
        InvalidFilter: no name, or no filter.
        FilterExists: the name is taken by other conditions, and `replace` was not asked for.
    """
    if not _NAME.fullmatch(name):
        raise InvalidFilter(
            f"{name!r} is not a valid name for a filter: use up to 100 letters, digits, dots, dashes, underscores"
        )
    if not Filter.from_json(conditions, now=now).to_json():
        raise InvalidFilter(
            "a filter without conditions matches everything: name at least one, for example --reason invalid"
        )
    values = {"name": name, "filter": conditions, "who": beginning(who, WHO_LIMIT)}
    statement = insert(dead_letter_filters).values(values)
    same = statement.on_conflict_do_update(
        index_elements=["name"],
        set_={**values, "saved_at": func.now()},
        where=None if replace else dead_letter_filters.c.filter == statement.excluded.filter,
    )
    if not connection.execute(same.returning(dead_letter_filters.c.name)).all():
        raise FilterExists(f"there is a filter {name} with other conditions: use --replace, or another name")


def saved_filters(connection: Connection) -> list[SavedFilter]:
    """All of them, by name."""
    row = dead_letter_filters.c
    return [_saved(each) for each in connection.execute(select(dead_letter_filters).order_by(row.name))]


def saved_filter(connection: Connection, name: str) -> SavedFilter:
    """One of them.

    Raises:
        UnknownFilter: there is none of this name; the text names the nearest.
    """
    found = connection.execute(select(dead_letter_filters).where(dead_letter_filters.c.name == name)).one_or_none()
    if found is None:
        raise _unknown(connection, name)
    return _saved(found)


def remove_filter(connection: Connection, name: str) -> None:
    """Takes a name away.

    Raises:
        UnknownFilter: there is none of this name.
    """
    gone = delete(dead_letter_filters).where(dead_letter_filters.c.name == name)
    if not connection.execute(gone.returning(dead_letter_filters.c.name)).all():
        raise _unknown(connection, name)


def _unknown(connection: Connection, name: str) -> UnknownFilter:
    return UnknownFilter(name, [each.name for each in saved_filters(connection)])


def _saved(row: Row[Any]) -> SavedFilter:
    return SavedFilter(row.name, row.filter, row.who, row.saved_at)
