"""HTTP to one Seerr server: a pool with bounds, no redirects, and every failure as one of our own errors."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import httpx
import orjson

from leeward.extension.calls import Calls
from providers.http_client.answer import Answer
from providers.http_client.client import Bounds, Client
from providers.http_client.exchange import exchange, json_of
from providers.http_client.proxy import proxy_address
from providers.seerr.answers import SERVICE, classify
from providers.seerr.settings import SeerrSettings
from providers.trust import trust

MAX_CONNECTIONS = 16
_ANSWER_BYTES = 16 * 1024**2
"""A page of a hundred requests is about half a megabyte, the details of a long series as much."""
_HEALTH_BYTES = 64 * 1024


class Transport:
    """Sends requests. Safe to use from any number of threads; they share the pool. Close it when done.

    Connects at the first request, so one that is made before a fork is still fit for use after it.
    """

    def __init__(
        self,
        name: str,
        settings: SeerrSettings,
        call: Calls,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.name = name
        self._measured = call
        self._settings = settings
        self._now = now
        limit = settings.timeout
        self._bounds = Bounds(connect=limit, answer=limit, total=limit, body_bytes=_ANSWER_BYTES)
        self._key = settings.api_key.get_secret_value()
        self._headers = {"X-Api-Key": self._key, "Accept": "application/json", "User-Agent": "leeward"}
        if settings.user_id is not None:
            self._headers["X-API-User"] = str(settings.user_id)
        proxy = None if settings.proxy is None else proxy_address(settings.proxy.get_secret_value())
        self._client = Client(trust=trust(settings.ca_file), proxy=proxy, max_connections=MAX_CONNECTIONS)

    def call(
        self,
        operation: str,
        method: str,
        path: str,
        *,
        json: Mapping[str, Any] | None = None,
        params: Mapping[str, str | int] | None = None,
        repeatable: bool = True,
    ) -> Any:
        """One request. Returns the answer's JSON, or None for an answer without content.

        `operation` is what it is called in errors; `repeatable`, whether sending it twice does no harm, decides what a lost answer
        means.

        Raises:
            Ambiguous: the answer to a request that is not repeatable was lost.
            ProviderError: any other class of failure; see `providers.seerr.answers`.
        """
        content = b"" if json is None else orjson.dumps(json)
        headers = self._headers if json is None else self._headers | {"Content-Type": "application/json"}
        with self._measured(operation):
            answer = exchange(
                self._client,
                SERVICE,
                method,
                self._url(path, params),
                headers=headers,
                content=content,
                bounds=self._bounds,
                repeatable=repeatable,
                secrets=[self._key],
            )
            failure = classify(answer, provider=self.name, operation=operation, now=self._now())
            if failure is not None:
                raise failure
            return json_of(answer, SERVICE) if answer.body else None

    def health_answer(self) -> Answer:
        """The answer to `GET /settings/public`, which needs no key and asks no other server, whatever it says.

        Raises:
            ProviderError: there is none.
        """
        limit = self._settings.health_timeout
        bounds = Bounds(connect=limit, answer=limit, total=limit, body_bytes=_HEALTH_BYTES)
        headers = {name: value for name, value in self._headers.items() if not name.lower().startswith("x-api-")}
        url = self._url("/settings/public", None)
        return exchange(self._client, SERVICE, "GET", url, headers=headers, bounds=bounds, repeatable=True)

    def close(self) -> None:
        """Ends every connection."""
        self._client.close()

    def _url(self, path: str, params: Mapping[str, str | int] | None) -> httpx.URL:
        return httpx.URL(self._settings.api_url + path, params=None if params is None else dict(params))
