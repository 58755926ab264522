"""What is needed to reach one Jellyfin server."""

import re
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import SecretStr

from providers.http_client.proxy import ProxyAddress

DEFAULT_CONNECT_TIMEOUT = timedelta(seconds=5)
DEFAULT_ANSWER_TIMEOUT = timedelta(seconds=20)
DEFAULT_TOTAL_TIMEOUT = timedelta(seconds=60)
DEFAULT_HEALTH_TIMEOUT = timedelta(seconds=5)
DEFAULT_MAX_CONNECTIONS = 32
DEFAULT_LIST_LIMIT_BYTES = 32 * 1024**2

_TOKEN = re.compile(r"[\x21-\x7e]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class JellyfinConfig:
    """One server and the API key to use at it.

    Attributes:
        url: scheme, host, port, and the BaseUrl prefix when the server has one, as `https://media.example.org/jellyfin`.
        token: an API key; it acts as an administrator.
        name: the provider's name in queues, errors and metrics.
        connect_timeout: for the name, the connection, TLS, and a free place in the pool: each.
        answer_timeout: from a request to its answer's head, and from each piece of the answer to the next.
        total_timeout: for one request and its answer in all, however busily bytes arrive.
        health_timeout: for a whole health probe.
        list_limit_bytes: the largest list of accounts, after decompression: about 3 KB for each account.
        max_connections: size of the pool that all threads of the process share.
        ca_file: certificates to trust besides the platform's authorities.
        proxy: where requests are sent through. None: straight to the server; the environment has no say in it.

    Raises:
        ValueError: a value that cannot work; the message says which and what to do.
    """

    url: str
    token: SecretStr = field(repr=False)
    name: str = "jellyfin"
    connect_timeout: timedelta = DEFAULT_CONNECT_TIMEOUT
    answer_timeout: timedelta = DEFAULT_ANSWER_TIMEOUT
    total_timeout: timedelta = DEFAULT_TOTAL_TIMEOUT
    health_timeout: timedelta = DEFAULT_HEALTH_TIMEOUT
    list_limit_bytes: int = DEFAULT_LIST_LIMIT_BYTES
    max_connections: int = DEFAULT_MAX_CONNECTIONS
    ca_file: Path | None = None
    proxy: ProxyAddress | None = None

    def __post_init__(self) -> None:
        import httpx  # not for a worker that has no Jellyfin

        try:
            parts = urlsplit(self.url)
            httpx.URL(self.url)
        except (ValueError, httpx.InvalidURL):
            raise ValueError("the URL cannot be read; write https://host or https://host/path") from None
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError("the URL must begin with http:// or https:// and name a host")
        if parts.username is not None or parts.password is not None:
            raise ValueError("leave credentials out of the URL; Jellyfin takes an API key as the token")
        if parts.query or parts.fragment:
            raise ValueError("the URL must end with the path; leave out what follows '?' or '#'")
        if not _TOKEN.fullmatch(self.token.get_secret_value()):
            raise ValueError("the token must be an API key of printable characters (Dashboard, API Keys)")
        timeouts = (self.connect_timeout, self.answer_timeout, self.total_timeout, self.health_timeout)
        if min(timeouts) <= timedelta(0):
            raise ValueError("timeouts must be longer than zero")
        if min(self.max_connections, self.list_limit_bytes) < 1:
            raise ValueError("max_connections and list_limit_bytes must be at least 1")
