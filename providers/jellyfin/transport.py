"""HTTP to one Jellyfin server: a pool with bounds, no redirects, and every failure as one of our own errors."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import httpx
import orjson

from leeward.extension import Calls
from providers.http_client.answer import Answer
from providers.http_client.client import Bounds, Client
from providers.http_client.exchange import exchange, json_of
from providers.http_client.json_body import MOST_CONTAINERS
from providers.jellyfin.answers import SERVICE, classify
from providers.jellyfin.config import JellyfinConfig
from providers.trust import trust

_ONE_ACCOUNT_BYTES = 1024**2
_HEALTH_BYTES = 64 * 1024
_BYTES_PER_CONTAINER = 50
"""A list of accounts has fewer objects and arrays than one for so many bytes: about 20 for each account of 2 to 3 KB."""


class Transport:
    """Sends requests. Safe to use from any number of threads; they share the pool. Close it when done.

    Connects at the first request, so one that is made before a fork is still fit for use after it.
    """

    def __init__(
        self,
        config: JellyfinConfig,
        *,
        call: Calls | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.config = config
        self._call = call or Calls(config.name, type="jellyfin", total=config.total_timeout)
        self._now = now
        self._base = httpx.URL(config.url.rstrip("/"))
        self._headers = {
            "Authorization": f'MediaBrowser Token="{_escaped(config)}"',
            "Accept": "application/json",
            "User-Agent": "leeward",
        }
        self._client = Client(trust=trust(config.ca_file), proxy=config.proxy, max_connections=config.max_connections)

    def call(
        self,
        operation: str,
        method: str,
        path: str,
        *,
        json: Mapping[str, Any] | None = None,
        params: Mapping[str, str] | None = None,
        repeatable: bool = True,
        limit_bytes: int = _ONE_ACCOUNT_BYTES,
    ) -> Any:
        """One request. Returns the answer's JSON, or None for an answer without content.

        `operation` is what it is called in errors and metrics; `repeatable`, whether sending it twice does no harm, decides what a
        lost answer means; `limit_bytes` bounds the answer, after decompression.

        Raises:
            Ambiguous: the answer to a request that is not repeatable was lost.
            ProviderError: any other class of failure; see `providers.jellyfin.answers`.
        """
        content = b"" if json is None else orjson.dumps(json)
        headers = self._headers if json is None else self._headers | {"Content-Type": "application/json"}
        with self._call(operation):
            answer = exchange(
                self._client,
                SERVICE,
                method,
                self._url(path, params),
                headers=headers,
                content=content,
                bounds=self._bounds(limit_bytes),
                repeatable=repeatable,
                secrets=[self.config.token.get_secret_value()],
            )
            failure = classify(answer, provider=self.config.name, operation=operation, now=self._now())
            if failure is not None:
                raise failure
            most = max(MOST_CONTAINERS, limit_bytes // _BYTES_PER_CONTAINER)
            return json_of(answer, SERVICE, most_containers=most) if answer.body else None

    def health_answer(self) -> Answer:
        """The answer to `GET /health`, whatever it says.

        Raises:
            ProviderError: there is none.
        """
        limit = self.config.health_timeout
        bounds = Bounds(
            connect=min(limit, self.config.connect_timeout), answer=limit, total=limit, body_bytes=_HEALTH_BYTES
        )
        url = self._url("/health", None)
        return exchange(self._client, SERVICE, "GET", url, headers=self._headers, bounds=bounds, repeatable=True)

    def close(self) -> None:
        """Ends every connection."""
        self._client.close()

    def _bounds(self, limit_bytes: int) -> Bounds:
        config = self.config
        return Bounds(
            connect=config.connect_timeout,
            answer=config.answer_timeout,
            total=config.total_timeout,
            body_bytes=limit_bytes,
        )

    def _url(self, path: str, params: Mapping[str, str] | None) -> httpx.URL:
        return httpx.URL(f"{self._base}".rstrip("/") + path, params=None if params is None else dict(params))


def _escaped(config: JellyfinConfig) -> str:
    # The server URL-decodes the values of this header.
    return (
        config.token.get_secret_value().replace("%", "%25").replace('"', "%22").replace(",", "%2C").replace("+", "%2B")
    )
