"""Who replays, as the database sees it: alive for as long as its connection."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, Engine, and_, func, select, update
from sqlalchemy.exc import SQLAlchemyError

from storage.state import State
from storage.tables import dead_letters


@dataclass(frozen=True, slots=True)
class Runner:
    """A replay that runs.

    Attributes:
        connection: its own; the server frees the runner's lock when it ends, however it ends.
        key: its lock, and what is written into the rows that it claims.
    """

    connection: Connection
    key: int


@contextmanager
def running(engine: Engine) -> Iterator[Runner]:
    """A new runner, alive inside the `with`. Needs a session of its own: a pooler between us and the server must pool sessions."""
    with engine.connect() as connection:
        key = random.getrandbits(62)
        with connection.begin():
            connection.execute(select(func.pg_advisory_lock(key)))
        try:
            yield Runner(connection, key)
        finally:
            _retire(connection, key)


def unconfirmed(key: int) -> ColumnElement[bool]:
    """The rows that this runner claimed and did not confirm."""
    row = dead_letters.c
    return and_(row.state == State.REQUEUED, row.replayed_at.is_(None), row.replay_runner == key)


def inherit(runner: Runner, conditions: list[ColumnElement[bool]]) -> None:
    """Takes over what runners that are dead left unconfirmed."""
    row = dead_letters.c
    open_claims = (row.state == State.REQUEUED, row.replayed_at.is_(None), *conditions)
    with runner.connection.begin():
        keys = runner.connection.execute(select(row.replay_runner).where(*open_claims).distinct()).scalars().all()
    for key in keys:
        with runner.connection.begin():
            # Nobody holds a dead runner's lock. Held here until the commit, so that one heir gets everything.
            if key is None or runner.connection.execute(select(func.pg_try_advisory_xact_lock(key))).scalar():
                theirs = update(dead_letters).where(*open_claims, row.replay_runner.is_not_distinct_from(key))
                runner.connection.execute(theirs.values(replay_runner=runner.key))


def _retire(connection: Connection, key: int) -> None:
    try:
        connection.rollback()
        with connection.begin():
            connection.execute(select(func.pg_advisory_unlock(key)))
    except SQLAlchemyError:
        # Must not go back to the pool: it may still hold the lock.
        connection.invalidate()
