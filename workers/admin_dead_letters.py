"""The dead letter queue of a fleet, for people."""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import redis
from sqlalchemy import Engine

from storage import dead_letters
from storage.dead_letter_events import StoredEvent, history
from storage.dead_letters import Cursor, Detail, Filter, Group, Page, Summary
from workers.drainer import Drainer


class DeadLetters:
    """Reads and decides. Each call is a transaction of its own. Thread-safe.

    Args:
        engine: of the dead letters' database.
        client: of the fleet's Valkey; asked for only to empty the outboxes.
        providers: names of the providers there are.
    """

    def __init__(self, engine: Engine, client: Callable[[], redis.Redis], providers: Callable[[], list[str]]) -> None:
        self._engine = engine
        self._client = client
        self._providers = providers

    def page(self, filter_: Filter, *, limit: int, after: Cursor | None = None) -> Page:
        """A part of the matching ones, newest first."""
        with self._engine.connect() as connection:
            return dead_letters.page(connection, filter_, limit=limit, after=after)

    def counts(self, filter_: Filter) -> list[Group]:
        """How many match, by provider, actor and reason."""
        with self._engine.connect() as connection:
            return dead_letters.count_by(connection, filter_)

    def get(self, id_: UUID) -> tuple[Detail, list[StoredEvent]]:
        """One, and what happened to it.

        Raises:
            UnknownDeadLetter: there is none.
        """
        with self._engine.connect() as connection:
            return dead_letters.get(connection, id_), history(connection, id_)

    def export(self, filter_: Filter) -> Iterator[dict[str, Any]]:
        """The matching ones, oldest first, each as a JSON object."""
        with self._engine.connect() as connection:
            yield from dead_letters.export(connection, filter_)

    def discard(self, id_: UUID, version: int, *, who: str, note: str) -> Summary:
        """Decides that its job will not be done.

        Raises:
            Conflict, ImpossibleStep, UnknownDeadLetter: nothing was changed.
        """
        with self._engine.begin() as connection:
            return dead_letters.discard(connection, id_, version, who=who, note=note)

    def drain(self) -> None:
        """Brings what still waits in the outboxes into the database, so that what is looked at is all there is."""
        Drainer(self._client(), self._engine, self._providers).sweep()
