"""The kinds of values that settings have. Each check raises ValueError with what to write instead, and never repeats a secret."""

import re
from datetime import timedelta
from email.utils import parseaddr
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import SplitResult, urlsplit

from pydantic import AfterValidator, BeforeValidator, InstanceOf, SecretStr

from leeward.wire.valkey.server_address import connection_options
from providers.http_client.proxy import proxy_address
from providers.smtp.answers.override import Override, read_overrides
from providers.smtp.mail.address import ascii_domain
from providers.smtp.mail.mailbox_identity import EVERY_DOMAIN
from providers.trust import CaFileInvalid, trust

_DATABASE_SCHEMES = frozenset({"postgresql", "postgres", "postgresql+psycopg"})
_HOST_NAME = re.compile(
    r"\[(?:IPv6:)?[0-9A-Fa-f:.]{2,45}\]|(?=.{1,253}$)(?!-)[A-Za-z0-9_-]{1,63}(?:\.[A-Za-z0-9_-]{1,63})*"
)
_LONGEST_SECONDS = 3600
_PERIOD = re.compile(r"(\d{1,5})(h|d|w)")
_PERIOD_UNITS = {"h": "hours", "d": "days", "w": "weeks"}
_LONGEST_PERIOD = timedelta(days=3650)


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises for a port that is no number
    except ValueError:
        raise ValueError("is not a URL; percent-encode special characters of a password") from None
    return parts


def _valkey_url(url: SecretStr) -> SecretStr:
    connection_options(url.get_secret_value())
    return url


def _database_url(url: SecretStr) -> SecretStr:
    parts = _split(url.get_secret_value())
    if parts.scheme not in _DATABASE_SCHEMES or not parts.path.strip("/"):
        raise ValueError("is no address of a PostgreSQL; write postgresql://user:password@host:5432/database")
    return url


def _web_url(url: str) -> str:
    parts = _split(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("is no web address; write https://host or https://host/path")
    if parts.username or parts.query or parts.fragment:
        raise ValueError(
            "holds more than an address; write https://host or https://host/path, and the token on its own"
        )
    return url.rstrip("/")


def _seconds(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        seconds = float(value)
    except ValueError:
        raise ValueError("is no number of seconds; write one, as 15") from None
    if not 0 <= seconds <= _LONGEST_SECONDS:
        raise ValueError(f"is not between 0 and {_LONGEST_SECONDS} seconds; write one that is")
    return timedelta(seconds=seconds)


def _period(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if not (found := _PERIOD.fullmatch(value.strip())):
        raise ValueError("is no period; write 30d, 12h or 8w")
    period = timedelta(**{_PERIOD_UNITS[found[2]]: int(found[1])})
    if not timedelta(hours=1) <= period <= _LONGEST_PERIOD:
        raise ValueError("is not between 1h and 3650d; write a period that is")
    return period


def _mail_address(value: str) -> str:
    address = parseaddr(value)[1]
    local, _, domain = address.partition("@")
    if not (local and domain) or any(ord(character) < ord(" ") for character in value):
        raise ValueError("is no mail address; write fleet@example.org or Fleet <fleet@example.org>")
    return value


def _absolute(path: Path) -> Path:
    if not path.is_absolute():
        raise ValueError("is no absolute path; write it from / on, so that it does not depend on where we are started")
    return path


def _ca_file(path: Path) -> Path:
    """Loads it, so that a file that cannot be used is told at start and by `leeward check`."""
    try:
        trust(_absolute(path))
    except CaFileInvalid as error:
        raise ValueError(f"cannot be used: {error}") from None
    return path


def _proxy_url(url: SecretStr) -> SecretStr:
    proxy_address(url.get_secret_value())
    return url


def _host_name(name: str) -> str:
    if not _HOST_NAME.fullmatch(name):
        raise ValueError("is no host name; write the full name of this machine, as worker.example.org, or [192.0.2.7]")
    return name


def _overrides(value: Any) -> Any:
    return read_overrides(value) if isinstance(value, str) else value


def _lower(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


def _upper(value: Any) -> Any:
    return value.upper() if isinstance(value, str) else value


def _domains(value: object) -> object:
    if not isinstance(value, str):
        return value
    names = filter(None, (name.strip() for name in value.split(",")))
    return frozenset(name if name == EVERY_DOMAIN else ascii_domain(name).lower() for name in names)


ValkeyUrl = Annotated[SecretStr, AfterValidator(_valkey_url)]
DatabaseUrl = Annotated[SecretStr, AfterValidator(_database_url)]
WebUrl = Annotated[str, AfterValidator(_web_url)]
Seconds = Annotated[timedelta, BeforeValidator(_seconds)]
Period = Annotated[timedelta, BeforeValidator(_period)]
MailAddress = Annotated[str, AfterValidator(_mail_address)]
AbsolutePath = Annotated[Path, AfterValidator(_absolute)]
ProxyUrl = Annotated[SecretStr, AfterValidator(_proxy_url)]
CaFile = Annotated[Path, AfterValidator(_ca_file)]
Domains = Annotated[frozenset[str], BeforeValidator(_domains)]
HostName = Annotated[str, AfterValidator(_host_name)]
Overrides = Annotated[tuple[InstanceOf[Override], ...], BeforeValidator(_overrides)]
LowerCase = BeforeValidator(_lower)
UpperCase = BeforeValidator(_upper)
