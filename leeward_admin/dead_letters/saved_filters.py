"""Filters of dead letters that people gave a name."""

from datetime import datetime
from typing import Any

from sqlalchemy import Engine

from storage.dead_letters.search import saved_filters
from storage.dead_letters.search.filter import Filter
from storage.dead_letters.search.saved_filters import FilterExists, SavedFilter, UnknownFilter

__all__ = ["FilterExists", "SavedFilter", "SavedFilters", "UnknownFilter"]


class SavedFilters:
    """Each call is a transaction of its own. Thread-safe."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def save(self, name: str, conditions: dict[str, Any], *, who: str, replace: bool, now: datetime) -> None:
        """Gives conditions a name.

        Raises:
            InvalidFilter, FilterExists: nothing was saved.
        """
        with self._engine.begin() as connection:
            saved_filters.save_filter(connection, name, conditions, who=who, replace=replace, now=now)

    def all(self) -> list[SavedFilter]:
        """By name."""
        with self._engine.connect() as connection:
            return saved_filters.saved_filters(connection)

    def get(self, name: str) -> SavedFilter:
        """Raises: UnknownFilter: there is none of this name."""
        with self._engine.connect() as connection:
            return saved_filters.saved_filter(connection, name)

    def filter(self, name: str, now: datetime) -> Filter:
        """What its conditions mean at this moment.

        Raises:
            UnknownFilter: there is none of this name.
            InvalidFilter: a newer release saved something that this one does not know.
        """
        return Filter.from_json(self.get(name).conditions, now=now)

    def remove(self, name: str) -> None:
        """Raises: UnknownFilter: there is none of this name."""
        with self._engine.begin() as connection:
            saved_filters.remove_filter(connection, name)
