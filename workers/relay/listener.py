"""Hears of rows that were committed."""

from datetime import timedelta
from typing import Any, Self

from sqlalchemy import Engine, text

from leeward.outbox.row import CHANNEL
from storage.database.fitness import UnfitDatabase
from storage.database.pooler import shares_sessions
from storage.outbox_rows.presence import announce
from storage.outbox_rows.shard import Shard


class Listener:
    """A session that is notified by every transaction that adds rows, and that counts as a relay's meanwhile. A notification can be lost
    with the connection, so check the outbox from time to time, too. For one thread.
    """

    def __init__(self, engine: Engine) -> None:
        """What is committed from now on is heard.

        Raises:
            UnfitDatabase: a pooler shares the sessions of this address.
            sqlalchemy.exc.SQLAlchemyError: PostgreSQL cannot be reached.
        """
        if shares_sessions(engine):
            raise UnfitDatabase(
                "a pooler shares the sessions of this database between transactions, and a relay listens in a session of its own:"
                " let LEEWARD_OUTBOX_DATABASE_URL lead to PostgreSQL itself; the application may use the pooler"
            )
        self._connection = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        try:
            announce(self._connection)
            self._connection.execute(text(f"LISTEN {CHANNEL}"))
            self._raw: Any = self._connection.connection.driver_connection
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        # Not back to the pool: the session holds a lock, and listens.
        self._connection.invalidate()
        self._connection.close()

    def wait(self, most: timedelta) -> set[Shard]:
        """The shards that have new rows; waits for the first. Empty when there were none in time.

        Raises:
            psycopg.Error: the connection is lost.
        """
        heard = self._raw.notifies(timeout=most.total_seconds(), stop_after=1)
        return {shard for one in heard if (shard := Shard.of_notification(one.payload))}

    def check(self) -> None:
        """Uses the connection: one that was cut unnoticed is found out only this way.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: it is lost.
        """
        self._connection.execute(text("SELECT 1"))
