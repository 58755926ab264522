"""How every process connects to PostgreSQL."""

from datetime import timedelta
from typing import Any

import psycopg
import sqlalchemy
from sqlalchemy import Connection, Engine, NullPool, event

from storage.database.answering import AnsweringConnection, Patience
from storage.database.fitness import UnfitDatabase, require_settings, require_utf8
from storage.database.session_options import connect_arguments, options_of, settings_named, without_options
from storage.database.url import parsed
from storage.database.writable import drop_when_not_writable

CONNECT_TIMEOUT = timedelta(seconds=5)
POOL_SIZE = 5
WITHOUT_END = Patience(longest=None)
"""For what may take long, as migrations and retention do: a query is waited for as long as the server is at work."""

_NOT_UTC = "leeward_not_utc"


def create_engine(
    url: str,
    *,
    pool_size: int = POOL_SIZE,
    connect_timeout: timedelta = CONNECT_TIMEOUT,
    application: str = "leeward",
    patience: Patience | None = None,
) -> Engine:
    """A pool of connections that notices a restarted server, one that hangs, and one that takes no writes any more. Connects on first use.
    Thread-safe; not to be shared across a fork. Times come back in UTC; errors do not show the values that were being written.

    Args:
        url: `postgresql://...`; its query may hold what libpq knows, `options` among it.
        pool_size: connections that are kept; twice as many may be open at once. 0 keeps none.
        connect_timeout: at least a second; psycopg counts whole ones.
        application: what `pg_stat_activity` calls us.
        patience: how long a query is waited for.

    Raises:
        InvalidDatabaseUrl: the URL is not one of PostgreSQL.
    """
    address = parsed(url)
    engine = sqlalchemy.create_engine(
        address,
        hide_parameters=True,
        connect_args=connect_arguments(address, connect_timeout, application),
        **_pool(pool_size, connect_timeout),
    )
    opening = _Opening(options_of(address), patience or Patience())
    event.listen(engine, "do_connect", opening.connect)
    event.listen(engine, "connect", opening.inspect)
    event.listen(engine, "begin", _tell_in_utc)
    drop_when_not_writable(engine)
    return engine


def _pool(size: int, timeout: timedelta) -> dict[str, Any]:
    if not size:
        return {"poolclass": NullPool}
    return {"pool_size": size, "max_overflow": size, "pool_timeout": timeout.total_seconds()}


class _Opening:
    """Opens the connections of one engine. Thread-safe."""

    def __init__(self, options: str, patience: Patience) -> None:
        self._named = settings_named(options)
        self._patience = patience
        self._takes_options = True

    def connect(self, _dialect: Any, _record: Any, arguments: list[Any], parameters: dict[str, Any]) -> Any:
        with_options = self._takes_options
        parameters = parameters if with_options else without_options(parameters)
        try:
            connection = AnsweringConnection.connect(*arguments, **parameters)
        except psycopg.OperationalError as error:
            # PgBouncer's words about `options`, unless it is configured to take them.
            if "startup parameter" not in str(error) or not with_options:
                raise
            if self._named:
                raise UnfitDatabase(
                    "the pooler of this address takes no options, and the URL has some: give the address of PostgreSQL"
                    " itself, or set them with ALTER ROLE ... SET ..."
                ) from error
            self._takes_options = False
            return self.connect(_dialect, _record, arguments, parameters)
        connection.patience, connection.parameters = self._patience, parameters
        return connection

    def inspect(self, connection: Any, record: Any) -> None:
        try:
            require_utf8(connection)
            require_settings(connection, self._named)
        except BaseException:
            connection.close()
            raise
        record.info[_NOT_UTC] = connection.info.parameter_status("TimeZone") != "UTC"


def _tell_in_utc(connection: Connection) -> None:
    """Behind a pooler that drops options, each transaction says what the session was to say."""
    if connection.info.get(_NOT_UTC):
        connection.exec_driver_sql("SET LOCAL timezone = 'UTC'")
