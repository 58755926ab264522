"""Who runs a replay, as the database sees it: one at a time, alive for as long as its session."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Engine, func, select
from sqlalchemy.exc import SQLAlchemyError

from storage.database.pooler import require_own_session


@contextmanager
def runner_lock(engine: Engine, replay_id: UUID) -> Iterator[Connection | None]:
    """The connection through which to run a replay; None when another process runs it.

    Whatever a runner writes goes through this connection: who has lost it can write nothing any more, and the next one
    may have the replay at once.

    Raises:
        UnfitDatabase: a pooler between us and the server gives a session to others between two transactions.
        sqlalchemy.exc.SQLAlchemyError: PostgreSQL cannot be reached.
    """
    require_own_session(engine, "replays")
    key = func.hashtextextended(f"leeward replay {replay_id}", 0)
    with engine.connect() as connection:
        with connection.begin():
            mine = bool(connection.execute(select(func.pg_try_advisory_lock(key))).scalar())
        if not mine:
            yield None
            return
        try:
            yield connection
        finally:
            _retire(connection, key)


def _retire(connection: Connection, key: ColumnElement[int]) -> None:
    try:
        connection.rollback()
        with connection.begin():
            connection.execute(select(func.pg_advisory_unlock(key)))
    except SQLAlchemyError:
        # Must not go back to the pool: it may still hold the lock.
        connection.invalidate()
