"""Something that providers need beside their own service."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from pydantic import SecretStr

from leeward.redaction import hide_credentials

VALKEY, POSTGRESQL = "valkey", "postgresql"
BUILT_IN: Mapping[str, str] = {VALKEY: "cache", POSTGRESQL: "database"}
"""The fleet's own servers -> their types."""
SCHEMES = ("http://", "https://")


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependency:
    """A database, a cache, a service or something else, by name.

    Attributes:
        type: `database`, `cache`, `external-api` or `other`.
        criticality: `critical`, `important` or `optional`.
        depends_on: what it needs itself; `needed_by`: what needs it: providers and dependencies.
        health_url: where its health is checked; None: its state is unknown.
        allow_private: whether that may be at a private address.
        timeout: how long the check may take.
        by: who added it at run time; empty for one of the configuration.
    """

    name: str
    type: str = "external-api"
    criticality: str = "important"
    depends_on: tuple[str, ...] = ()
    needed_by: tuple[str, ...] = ()
    health_url: str | None = None
    allow_private: bool = False
    timeout: timedelta = timedelta(seconds=5)
    by: str = ""

    @property
    def host(self) -> str:
        """Where its health is checked, as people may see it: a path may be a secret. Empty for nowhere."""
        return urlsplit(self.health_url or "").netloc.rpartition("@")[2]


def dependency_of(name: str, values: Mapping[str, Any]) -> Dependency:
    """Of checked values; the credentials in its address are shown in no text of this process from then on.

    Raises:
        ValueError: its address cannot be used; the message says why, and holds nothing of it.
    """
    url = values.get("health_url")
    text = url.get_secret_value() if isinstance(url, SecretStr) else url
    if text is not None:
        check_address(text)
        hide_credentials([text])
    return Dependency(name=name, **{**values, "health_url": text})


def check_address(url: str) -> None:
    """Whether a health check may be sent to an address, as far as the address says it: where it leads is checked at each connection.

    Raises:
        ValueError: see `dependency_of`.
    """
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        raise ValueError("health_url is not a URL") from None
    if not url.lower().startswith(SCHEMES) or not parts.hostname:
        raise ValueError("health_url must begin with http:// or https:// and name a host")
    if parts.username or parts.password:
        raise ValueError("health_url holds a user or a password, which health checks do not send")
