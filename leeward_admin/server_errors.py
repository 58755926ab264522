"""What can keep a person from the fleet's servers, in words that say what to do."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from leeward.actions import MigrateDatabase
from leeward.errors import NotPermitted, NotReady, Unavailable
from workers.settings.display import shown_url
from workers.settings.settings import Settings

__all__ = ["AddressMissing", "SchemaMissing", "ServerUnreachable"]


_NO_SUCH_TABLE_OR_COLUMN = ("42P01", "42703")


class AddressMissing(NotReady):
    """Raised when a command needs a server whose address is not set.

    Attributes:
        server: `Valkey` or `PostgreSQL`.
    """

    code = "address_missing"

    def __init__(self, server: str, settings: Settings) -> None:
        variable = "LEEWARD_VALKEY_URL" if server == "Valkey" else "LEEWARD_DATABASE_URL"
        super().__init__(
            f"no {server} is configured and no `leeward up` runs on {settings.data_dir}:"
            f" set {variable}, or start `leeward up` there"
        )
        self.server = server


class ServerUnreachable(Unavailable):
    """Raised when a server does not answer, or turns us away.

    Attributes:
        server: `Valkey` or `PostgreSQL`.
    """

    code = "server_unreachable"

    def __init__(self, server: str, address: str, cause: object) -> None:
        super().__init__(f"{server} at {address} cannot be used: {_cause_text(cause)}")
        self.server = server


class SchemaMissing(NotReady):
    """Raised when the database lacks a table or a column of this release."""

    code = "schema_missing"
    actions = (MigrateDatabase(),)

    def __init__(self) -> None:
        super().__init__("the database does not have the tables of this release")


@contextmanager
def translated(settings: Settings) -> Iterator[None]:
    """Turns the servers' own errors into ours.

    Raises:
        ServerUnreachable, SchemaMissing: instead of what redis-py and SQLAlchemy raise.
    """
    try:
        yield
    except Exception as error:
        ours = _from_valkey(error, settings) or _from_storage(error, settings)
        if ours is None:
            raise
        raise ours from error


def _from_valkey(error: Exception, settings: Settings) -> Exception | None:
    # Another kind of `Unavailable` names its server itself.
    if type(error) in {Unavailable, NotPermitted} or _is_of_valkey(error):
        return ServerUnreachable("Valkey", shown_valkey(settings), error.__cause__ or error)
    return None


def _is_of_valkey(error: Exception) -> bool:
    # An error of redis-py comes only where it is imported, which commands that read the database alone do without.
    if "redis" not in sys.modules:
        return False
    from dramatiq.errors import BrokerConnectionError
    from redis import RedisError

    from broker.fleet.outbox import OutboxUnavailable

    return isinstance(error, RedisError | BrokerConnectionError) or type(error) is OutboxUnavailable


def _from_storage(error: Exception, settings: Settings) -> Exception | None:
    # An error of SQLAlchemy comes only where it is imported, which most commands do without.
    if "sqlalchemy" not in sys.modules:
        return None
    from sqlalchemy.exc import DBAPIError, SQLAlchemyError

    match error:
        case DBAPIError() if getattr(error.orig, "sqlstate", None) in _NO_SUCH_TABLE_OR_COLUMN:
            return SchemaMissing()
        case DBAPIError():
            return ServerUnreachable("PostgreSQL", shown_database(settings), error.orig)
        case SQLAlchemyError():
            return ServerUnreachable("PostgreSQL", shown_database(settings), error)
    return None


def shown_valkey(settings: Settings) -> str:
    """Without its password."""
    return shown_url(settings.valkey_url.get_secret_value()) if settings.valkey_url else "(not set)"


def shown_database(settings: Settings) -> str:
    """Without its password."""
    return shown_url(settings.database_url.get_secret_value()) if settings.database_url else "(not set)"


def _cause_text(cause: object) -> str:
    if "redis" in sys.modules:
        from redis import RedisError

        from leeward.wire.valkey.refusal import code_of, sentence

        if isinstance(cause, RedisError) and code_of(cause):
            return sentence(cause)
    return _first_line(cause)


def _first_line(cause: object) -> str:
    return (str(cause).strip().splitlines() or [type(cause).__name__])[0]
