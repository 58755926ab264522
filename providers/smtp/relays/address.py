"""A relay as operators write it: `smtps://user:password@backup.example.org:465`."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import SplitResult, unquote, urlsplit

from pydantic import SecretStr

from providers.smtp.config import Tls

USUAL_PORTS = {Tls.NONE: 25, Tls.STARTTLS: 587, Tls.IMPLICIT: 465}
_SCHEMES = {"smtp": Tls.STARTTLS, "smtps": Tls.IMPLICIT, "smtp+none": Tls.NONE}
_HOW = (
    "write smtp://host (STARTTLS), smtps://host (implicit TLS) or smtp+none://host, with user:password@ before the host where it "
    "wants a login"
)


@dataclass(frozen=True, slots=True)
class RelayAddress:
    """Where a relay is, and who we are there."""

    host: str
    port: int
    tls: Tls
    username: str | None = None
    password: SecretStr | None = field(default=None, repr=False)


def read_relays(text: str) -> tuple[RelayAddress, ...]:
    """Relays in the order in which they are tried, separated by commas or line ends.

    Raises:
        ValueError: one cannot be read. The message says which by its number, and repeats no password.
    """
    written = filter(None, (part.strip() for part in text.replace("\n", ",").split(",")))
    return tuple(_relays(written))


def _relays(written: Iterator[str]) -> Iterator[RelayAddress]:
    for number, one in enumerate(written, 1):
        try:
            parts = urlsplit(one)
            found = _relay(parts)
        except ValueError:
            found = None
        if found is None:
            raise ValueError(f"has a relay that cannot be read, number {number}: {_HOW}; a comma in a password is %2C")
        yield found


def _relay(parts: SplitResult) -> RelayAddress | None:
    tls = _SCHEMES.get(parts.scheme.lower())
    rest = parts.path.strip("/") or parts.query or parts.fragment
    if tls is None or not parts.hostname or rest or (parts.username is None) != (parts.password is None):
        return None
    password = None if parts.password is None else SecretStr(unquote(parts.password))
    username = None if parts.username is None else unquote(parts.username)
    return RelayAddress(parts.hostname, parts.port or USUAL_PORTS[tls], tls, username, password)
