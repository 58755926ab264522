"""The outbox of a producer's database, for people: what waits, what is kept aside, who moves it on."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from leeward.actions import ListRefusedRows, MigrateOutbox
from leeward.errors import NotFound, NotReady
from leeward.outbox import UPGRADE, create_table
from leeward_admin.lookup.id_beginnings import CANDIDATES, the_only
from leeward_admin.server_errors import ServerUnreachable
from storage.database.engine import create_engine
from storage.outbox_rows import figures
from storage.outbox_rows.figures import Refused, RefusedJob, WaitingRows
from storage.outbox_rows.presence import RelayProcess, relays
from workers.processes.outbox_relay import outbox_address
from workers.settings.display import shown_url
from workers.settings.settings import Settings

__all__ = [
    "Outbox",
    "OutboxMissing",
    "OutboxProvider",
    "OutboxStatus",
    "RefusedJob",
    "RelayProcess",
    "UnknownRow",
    "WaitingRows",
]

_UNDEFINED_TABLE = "42P01"


class OutboxMissing(NotReady):
    """Raised when the database that is configured as an outbox has no such table."""

    code = "outbox_missing"
    actions = (MigrateOutbox(),)

    def __init__(self, address: str) -> None:
        super().__init__(
            f"the database at {address} has no table leeward_outbox; docs/outbox.md says how an application adopts it"
        )


class UnknownRow(NotFound):
    """Raised when the outbox keeps no such row aside.

    Attributes:
        job_ids: those of which there is none.
    """

    code = "outbox_row_not_found"

    def __init__(self, job_ids: Sequence[str]) -> None:
        super().__init__(f"the outbox keeps no row aside for {', '.join(job_ids)}", actions=(ListRefusedRows(),))
        self.job_ids = tuple(job_ids)


@dataclass(frozen=True, slots=True)
class OutboxStatus:
    """An outbox at one moment.

    Attributes:
        address: of its database, without the password.
        relays: the processes that move it on.
        waiting: rows that are not enqueued yet, by provider.
        refused: rows that are kept aside, by provider and reason.
    """

    address: str
    relays: list[RelayProcess]
    waiting: list[WaitingRows]
    refused: list[Refused]

    def providers(self) -> "list[OutboxProvider]":
        """The same by provider."""
        waiting = {one.provider: one for one in self.waiting}
        refused = defaultdict[str, dict[str, int]](dict)
        for one in self.refused:
            refused[one.provider][one.code] = one.rows
        return [
            OutboxProvider(name, row.rows if (row := waiting.get(name)) else 0, row and row.oldest, refused[name])
            for name in sorted({*waiting, *refused})
        ]


@dataclass(frozen=True, slots=True)
class OutboxProvider:
    """What an outbox has for one provider.

    Attributes:
        waiting: rows that are not enqueued yet.
        oldest: how long the first of them has waited.
        refused: reason -> rows that are kept aside.
    """

    provider: str
    waiting: int
    oldest: timedelta | None
    refused: dict[str, int]


class Outbox:
    """Looks at the outbox and decides about the rows that it keeps aside. Every method raises `ServerUnreachable` and `OutboxMissing`."""

    def __init__(self, engine: Engine, address: str) -> None:
        self._engine = engine
        self._address = address

    @classmethod
    @contextmanager
    def opened(cls, settings: Settings) -> Iterator["Outbox"]:
        """That of the settings. Connects when asked something.

        Raises:
            NoOutbox: none is configured.
        """
        url = outbox_address(settings)
        engine = create_engine(url, pool_size=1, application="leeward console")
        try:
            yield cls(engine, shown_url(url))
        finally:
            engine.dispose()

    def status(self) -> OutboxStatus:
        with self._connected() as connection:
            waiting, refused = figures.waiting(connection), figures.refused(connection)
            return OutboxStatus(self._address, relays(connection), waiting, refused)

    def refused(self, limit: int) -> list[RefusedJob]:
        """The rows that are kept aside, oldest first."""
        with self._connected() as connection:
            return figures.refused_jobs(connection, limit)

    def retry(self, job_ids: Sequence[str] | None = None) -> int:
        """Lets rows that are kept aside wait for the relay again, these or all; returns how many.

        Args:
            job_ids: whole, or their beginnings.

        Raises:
            UnknownRow: one of these is not kept aside. No row was changed.
            AmbiguousId: several begin so.
        """
        with self._connected() as connection:
            whole = None if job_ids is None else _whole(connection, job_ids)
            returned = figures.return_rows(connection, whole)
            connection.commit()
        return len(returned)

    def discard(self, job_ids: Sequence[str]) -> int:
        """Deletes rows that are kept aside, so that their jobs are never enqueued; returns how many.

        Args:
            job_ids: whole, or their beginnings.

        Raises:
            UnknownRow: one of these is not kept aside. No row was changed.
            AmbiguousId: several begin so.
        """
        with self._connected() as connection:
            discarded = figures.discard(connection, _whole(connection, job_ids))
            connection.commit()
        return len(discarded)

    def migrate(self) -> None:
        """Makes the table where it is missing. Any number of times."""
        with self._connected() as connection:
            create_table(connection)
            connection.commit()

    @staticmethod
    def migration() -> tuple[str, ...]:
        """The statements that make the table."""
        return UPGRADE

    @contextmanager
    def _connected(self) -> Iterator[Connection]:
        try:
            with self._engine.connect() as connection:
                yield connection
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", None) == _UNDEFINED_TABLE:
                raise OutboxMissing(self._address) from error
            raise ServerUnreachable("PostgreSQL", self._address, error.orig) from error
        except SQLAlchemyError as error:
            raise ServerUnreachable("PostgreSQL", self._address, error) from error


def _whole(connection: Connection, job_ids: Sequence[str]) -> list[str]:
    found = {
        text: the_only("rows", text, figures.refused_beginning(connection, text, CANDIDATES + 1)) for text in job_ids
    }
    if missing := [text for text, job_id in found.items() if job_id is None]:
        raise UnknownRow(missing)
    return [job_id for job_id in found.values() if job_id is not None]
