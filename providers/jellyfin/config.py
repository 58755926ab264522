"""What is needed to reach one Jellyfin server."""

import re
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import SecretStr

DEFAULT_CONNECT_TIMEOUT = timedelta(seconds=5)
DEFAULT_ANSWER_TIMEOUT = timedelta(seconds=20)
DEFAULT_HEALTH_TIMEOUT = timedelta(seconds=5)
DEFAULT_MAX_CONNECTIONS = 32

_TOKEN = re.compile(r"[\x21-\x7e]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class JellyfinConfig:
    """One server and the API key to use at it.

    Attributes:
        url: scheme, host, port, and the BaseUrl prefix when the server has one, as `https://media.example.org/jellyfin`.
        token: an API key; it acts as an administrator.
        name: the provider's name in queues, errors and metrics.
        connect_timeout: for the connection, TLS included, and for a free place in the pool.
        answer_timeout: longest silence while a request is sent or an answer is read.
        health_timeout: the same for a look at its health.
        max_connections: size of the pool that all threads of the process share.
        ca_file: certificates to trust besides the platform's authorities.

    Raises:
        ValueError: a value that cannot work; the message says which and what to do.
    """

    url: str
    token: SecretStr = field(repr=False)
    name: str = "jellyfin"
    connect_timeout: timedelta = DEFAULT_CONNECT_TIMEOUT
    answer_timeout: timedelta = DEFAULT_ANSWER_TIMEOUT
    health_timeout: timedelta = DEFAULT_HEALTH_TIMEOUT
    max_connections: int = DEFAULT_MAX_CONNECTIONS
    ca_file: Path | None = None

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError(f"{self.name}: the URL must begin with http:// or https:// and name a host")
        if parts.username is not None or parts.password is not None:
            raise ValueError(f"{self.name}: leave credentials out of the URL; Jellyfin takes an API key as the token")
        if parts.query or parts.fragment:
            raise ValueError(f"{self.name}: the URL must end with the path; leave out what follows '?' or '#'")
        if not _TOKEN.fullmatch(self.token.get_secret_value()):
            raise ValueError(f"{self.name}: the token must be an API key of printable characters (Dashboard, API Keys)")
        if min(self.connect_timeout, self.answer_timeout, self.health_timeout) <= timedelta(0):
            raise ValueError(f"{self.name}: timeouts must be longer than zero")
        if self.max_connections < 1:
            raise ValueError(f"{self.name}: max_connections must be at least 1")
