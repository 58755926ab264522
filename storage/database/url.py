"""What a database URL must look like."""

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from leeward.errors import NotReady

_DRIVER = "postgresql+psycopg"
_ACCEPTED = frozenset({"postgresql", "postgres", _DRIVER})


class InvalidDatabaseUrl(NotReady, ValueError):
    """Raised when a database URL is not one of PostgreSQL. Its text never holds the URL, which may hold a password."""

    code = "invalid_database_url"


def parsed(url: str) -> URL:
    """A `postgresql://user:password@host/database` URL, for psycopg 3.

    Raises:
        InvalidDatabaseUrl: with what to write instead.
    """
    try:
        address = make_url(url)
    except (ArgumentError, ValueError):
        raise InvalidDatabaseUrl(f"the database URL cannot be read: {_ADVICE}") from None
    if address.drivername not in _ACCEPTED:
        raise InvalidDatabaseUrl(f"the database URL begins with {address.drivername!r}: {_ADVICE}")
    return address.set(drivername=_DRIVER)


_ADVICE = "write postgresql://user:password@host:5432/database, with special characters of the password percent-encoded"
