"""The dead letter queue of a fleet, for people."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import Engine

from leeward.actions import ListDeadLetters
from leeward_admin.dead_letters.decisions import Decided, Decision, decidable, decide
from leeward_admin.dead_letters.saved_filters import SavedFilters
from leeward_admin.dead_letters.triage import Triage
from leeward_admin.lookup.id_beginnings import IdKind, whole_uuid
from storage.database.clock import now, now_at
from storage.database.id_beginnings import uuids_beginning
from storage.dead_letters.audit import StoredEvent, history
from storage.dead_letters.letter import queries
from storage.dead_letters.letter.queries import Group, UnknownDeadLetter
from storage.dead_letters.letter.views import Detail, Summary
from storage.dead_letters.search import pages
from storage.dead_letters.search.filter import Filter
from storage.dead_letters.search.pages import Cursor, Page
from storage.tables import dead_letters

__all__ = ["DeadLetters"]


if TYPE_CHECKING:
    import redis

    from leeward_admin.dead_letters.importing import ImportedLine
    from leeward_admin.dead_letters.pruning import Pruned, PrunedLine
    from workers.settings.settings import Settings

_PAGE = 200
LETTER = IdKind("a dead letter", "dead letters", UnknownDeadLetter, (ListDeadLetters(),))


class DeadLetters:
    """Reads and decides. Each call is a transaction of its own. Thread-safe.

    Args:
        engine: of the dead letters' database.
        client: of the fleet's Valkey; asked for only to empty the outboxes and to keep the secrets of corrections.
        providers: names of the providers there are.

    Attributes:
        triage: what people decide about one.
        filters: filters with a name.
    """

    def __init__(self, engine: Engine, client: "Callable[[], redis.Redis]", providers: Callable[[], list[str]]) -> None:
        self._engine = engine
        self._client = client
        self._providers = providers
        self.triage = Triage(engine, client)
        self.filters = SavedFilters(engine)

    def page(
        self, filter_: Filter, *, limit: int, after: Cursor | None = None, time_budget: timedelta | None = None
    ) -> Page:
        """A part of the matching ones, newest first: a full page, or with a time budget what `storage.dead_letters.page` finds in that
        time.
        """
        with self._engine.connect() as connection:
            return pages.page(connection, filter_, limit=limit, after=after, time_budget=time_budget)

    def every(self, filter_: Filter) -> Iterator[Summary]:
        """The matching ones, newest first; any number fits in memory."""
        found = self.page(filter_, limit=_PAGE)
        yield from found.rows
        while found.after:
            found = self.page(filter_, limit=_PAGE, after=found.after)
            yield from found.rows

    def decide(self, filter_: Filter, decision: Decision, *, version: int | None = None) -> Iterator[Decided]:
        """Decides about those that the filter names by id, or about all that match and are in a state in which that is possible.

        Each is decided on the version that was just read: what others change meanwhile is a conflict, and is not overwritten.

        Args:
            filter_: which ones.
            decision: what, and who decides.
            version: of one that is named by id: only if nothing has changed since this version.

        Raises:
            Invalid: the filter names a state in which the decision is not possible.
            UnknownDeadLetter: an id that is named is none.
        """
        possible = decidable(filter_, decision)
        letters = map(self._summary, filter_.ids) if filter_.ids else self.every(possible)
        seen = (letter if version is None else replace(letter, version=version) for letter in letters)
        return decide(self.triage, seen, decision)

    def _summary(self, id_: UUID) -> Summary:
        return self.get(id_)[0]

    def counts(self, filter_: Filter) -> list[Group]:
        """How many match, by provider, actor and reason."""
        with self._engine.connect() as connection:
            return queries.count_by(connection, filter_)

    def get(self, id_: UUID) -> tuple[Detail, list[StoredEvent]]:
        """One, and what happened to it.

        Raises:
            UnknownDeadLetter: there is none.
        """
        with self._engine.connect() as connection:
            return queries.get(connection, id_), history(connection, id_)

    def id_of(self, text: str) -> UUID:
        """The id of a dead letter of which a person typed the whole or the beginning. Whether a whole one exists is not looked at.

        Raises:
            InvalidFilter: it is not an id, nor the beginning of one.
            AmbiguousId: several begin so.
            UnknownDeadLetter: none does.
        """
        return whole_uuid(text, self._beginning_so, kind=LETTER)

    def _beginning_so(self, text: str, limit: int) -> list[UUID]:
        with self._engine.connect() as connection:
            return uuids_beginning(connection, dead_letters.c.id, text, limit=limit)

    def of_job(self, job_id: str) -> Detail | None:
        """The latest dead letter of a job; None where there is none."""
        with self._engine.connect() as connection:
            return queries.of_job(connection, job_id)

    def find(self, text: str) -> tuple[Detail, list[StoredEvent]]:
        """One, and what happened to it, by the id of its job, or by its own or the beginning of that, as a person typed it.

        Raises:
            InvalidFilter: it is not an id, nor the beginning of one.
            AmbiguousId: several begin so.
            UnknownDeadLetter: there is none.
        """
        letter = self.of_job(text)
        return self.get(self.id_of(text) if letter is None else letter.id)

    def require(self, ids: Iterable[UUID]) -> None:
        """Raises: UnknownDeadLetter: one of them is none."""
        for id_ in ids:
            self.get(id_)

    def export(self, filter_: Filter) -> Iterator[dict[str, Any]]:
        """The matching ones, oldest first, each as a JSON object."""
        with self._engine.connect() as connection:
            yield from queries.export(connection, filter_)

    def import_lines(self, lines: Iterable[str], *, who: str) -> "Iterator[ImportedLine]":
        """Imports an export of another installation; see `leeward_admin.dead_letters.importing`."""
        from leeward_admin.dead_letters.importing import import_lines

        return import_lines(self._engine, lines, who=who, now=now_at(self._engine))

    def known_providers(self) -> set[str]:
        """Those whose queues this fleet has. Asks Valkey."""
        return set(self._providers())

    def prune(self, settings: "Settings") -> "Pruned":
        """Takes away what is past its retention.

        Raises:
            PruneUnderWay: another process does.
        """
        from storage.dead_letters.retention.prune import prune
        from workers.background.retention import retention_of

        return prune(self._engine, retention_of(settings), now_at(self._engine))

    def would_prune(self, settings: "Settings") -> "list[PrunedLine]":
        """What `prune` would do now."""
        from storage.dead_letters.retention.survey import survey
        from workers.background.retention import retention_of

        with self._engine.connect() as connection:
            return survey(connection, retention_of(settings), now(connection)).lines

    def drain(self) -> None:
        """Brings what still waits in the outboxes into the database, so that what is looked at is all there is."""
        from workers.background.drainer import Drainer

        Drainer(self._client(), self._engine, self._providers).sweep()
