"""The kinds of values that settings have. Each check raises ValueError with what to write instead, and never repeats a secret."""

from typing import Annotated, Any
from urllib.parse import SplitResult, urlsplit

from pydantic import AfterValidator, BeforeValidator, SecretStr

_DATABASE_SCHEMES = frozenset({"postgresql", "postgres", "postgresql+psycopg"})


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises for a port that is not a number
    except ValueError:
        raise ValueError("is not a URL; percent-encode special characters of a password") from None
    return parts


def _valkey_url(url: SecretStr) -> SecretStr:
    from leeward.wire.valkey.server_address import (
        connection_options,  # commands that need no server do not import redis
    )

    connection_options(url.get_secret_value())
    return url


def _database_url(url: SecretStr) -> SecretStr:
    parts = _split(url.get_secret_value())
    if parts.scheme not in _DATABASE_SCHEMES or not parts.path.strip("/"):
        raise ValueError("is not the address of a PostgreSQL; write postgresql://user:password@host:5432/database")
    return url


def _lower(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


def _upper(value: Any) -> Any:
    return value.upper() if isinstance(value, str) else value


ValkeyUrl = Annotated[SecretStr, AfterValidator(_valkey_url)]
DatabaseUrl = Annotated[SecretStr, AfterValidator(_database_url)]
LowerCase = BeforeValidator(_lower)
UpperCase = BeforeValidator(_upper)
