"""HTTP to one Plex server: a pool with bounds, no redirects, and every failure as one of our own errors."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import httpx

from leeward.extension import Calls
from leeward.extension.errors import Misconfigured
from leeward.redaction import hide_credentials
from providers.http_client.answer import Answer
from providers.http_client.client import Bounds, Client
from providers.http_client.exchange import exchange, json_of
from providers.http_client.proxy import proxy_address
from providers.plex.answers import SERVICE, WITHOUT_CONTENT, classify
from providers.plex.settings import PlexSettings
from providers.trust import trust

_PAGE_BYTES = 32 * 1024**2
_CONNECTIONS = 16
Container = Mapping[str, Any]
"""What is in a `MediaContainer`."""


class Transport:
    """Sends requests. Safe to use from any number of threads; they share the pool. Close it when done."""

    def __init__(
        self, settings: PlexSettings, calls: Calls, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self.settings = settings
        self._calls = calls
        self._now = now
        self._token = settings.token.get_secret_value()
        hide_credentials([self._token])
        # In headers alone: all of them may be in the query too, but then they are in the logs of whatever is in between.
        self._headers = {
            "Accept": "application/json",
            "User-Agent": "leeward",
            "X-Plex-Client-Identifier": settings.identifier(),
            "X-Plex-Product": "Leeward",
            "X-Plex-Token": self._token,
        }
        proxy = None if settings.proxy is None else proxy_address(settings.proxy.get_secret_value())
        self._client = Client(trust=trust(settings.ca_file), proxy=proxy, max_connections=_CONNECTIONS)

    def call(
        self,
        operation: str,
        path: str,
        *,
        method: str = "GET",
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        repeatable: bool = True,
    ) -> Container:
        """One request. Returns what is in the `MediaContainer` of its answer, nothing where a success has none.

        Raises:
            Ambiguous: the answer to a request that is not repeatable was lost, or cannot be read.
            ProviderError: any other class of failure; see `providers.plex.answers`.
        """
        with self._calls(operation):
            answer = self._answer(method, path, params or {}, headers or {}, self._bounds(), repeatable=repeatable)
            failure = classify(answer, operation=operation, now=self._now())
            if failure is not None:
                raise failure
            return {} if operation in WITHOUT_CONTENT else container(answer)

    def health(self) -> Container:
        """The answer to a health check; the worker measures it.

        Raises:
            ProviderError: the server is not well, or refuses the token.
        """
        limit = self.settings.health_timeout
        bounds = Bounds(
            connect=min(limit, self.settings.connect_timeout), answer=limit, total=limit, body_bytes=_PAGE_BYTES
        )
        answer = self._answer("GET", self.settings.health_path, {}, {}, bounds, repeatable=True)
        failure = classify(answer, operation="health", now=self._now())
        if failure is not None:
            raise failure
        return container(answer)

    def close(self) -> None:
        """Ends every connection."""
        self._client.close()

    def _answer(
        self,
        method: str,
        path: str,
        params: Mapping[str, str],
        headers: Mapping[str, str],
        bounds: Bounds,
        *,
        repeatable: bool,
    ) -> Answer:
        url = httpx.URL(f"{self.settings.url}{path}", params=dict(params) or None)
        return exchange(
            self._client,
            SERVICE,
            method,
            url,
            headers=self._headers | dict(headers) | _length(method),
            bounds=bounds,
            repeatable=repeatable,
            secrets=[self._token],
        )

    def _bounds(self) -> Bounds:
        settings = self.settings
        return Bounds(
            connect=settings.connect_timeout,
            answer=settings.timeout,
            total=settings.timeout,
            body_bytes=_PAGE_BYTES,
        )


def _length(method: str) -> dict[str, str]:
    # RFC 9110 §8.6: a request whose method could have a body says that it has none.
    return {"Content-Length": "0"} if method in {"POST", "PUT"} else {}


def container(answer: Answer) -> Container:
    """What is in the `MediaContainer`.

    Raises:
        Transient: the JSON is broken off.
        Misconfigured: there is none: it is another service.
    """
    value = json_of(answer, SERVICE)
    found = value.get("MediaContainer") if isinstance(value, dict) else None
    if not isinstance(found, dict):
        message = (
            "Plex answered with JSON that has no MediaContainer; the URL leads to something that is not a Plex server"
        )
        raise Misconfigured(message, status=answer.status)
    return found
