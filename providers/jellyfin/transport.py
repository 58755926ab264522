"""HTTP to one Jellyfin server: a pool with bounds, no redirects, and every failure as one of our own errors."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import httpx
import orjson

from leeward.extension import Calls
from leeward.extension.errors import ProviderError
from leeward.jobs.secret import REDACTED
from providers.http_client.answer import Answer
from providers.http_client.client import Bounds, Client
from providers.http_client.failures import of_broken_json, of_no_answer
from providers.http_client.json_body import MOST_CONTAINERS, NotJson, parse_json
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
        bounds = self._bounds(limit_bytes)
        content = b"" if json is None else orjson.dumps(json)
        headers = self._headers if json is None else self._headers | {"Content-Type": "application/json"}
        with self._call(operation):
            try:
                answer = self._client.send(method, self._url(path, params), headers, content, bounds)
            except Exception as error:  # the table of failures has a class for each, and one for the rest
                raise self._error(*of_no_answer(error, SERVICE, repeatable=repeatable), operation) from error
            failure = classify(self._unechoed(answer), provider=self.config.name, operation=operation, now=self._now())
            if failure is not None:
                raise failure
            return self._content(answer, operation, limit_bytes)

    def health_answer(self) -> Answer:
        """The answer to `GET /health`, whatever it says.

        Raises:
            ProviderError: there is none.
        """
        limit = self.config.health_timeout
        bounds = Bounds(
            connect=min(limit, self.config.connect_timeout), answer=limit, total=limit, body_bytes=_HEALTH_BYTES
        )
        try:
            return self._client.send("GET", self._url("/health", None), self._headers, b"", bounds)
        except Exception as error:
            raise self._error(*of_no_answer(error, SERVICE, repeatable=True), "health") from error

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

    def _unechoed(self, answer: Answer) -> Answer:
        """Without our key, which an error may quote."""
        return Answer(
            answer.status,
            answer.headers,
            answer.body.replace(self.config.token.get_secret_value().encode(), REDACTED.encode()),
        )

    def _content(self, answer: Answer, operation: str, limit_bytes: int) -> Any:
        if not answer.body:
            return None
        try:
            most = max(MOST_CONTAINERS, limit_bytes // _BYTES_PER_CONTAINER)
            return parse_json(answer.body, most_containers=most)
        except NotJson as error:
            raise self._error(*of_broken_json(answer.status, error, SERVICE), operation) from error

    def _error(
        self, kind: type[ProviderError], message: str, facts: Mapping[str, Any], operation: str
    ) -> ProviderError:
        return kind(message, provider=self.config.name, operation=operation, **facts)


def _escaped(config: JellyfinConfig) -> str:
    # The server URL-decodes the values of this header.
    return (
        config.token.get_secret_value().replace("%", "%25").replace('"', "%22").replace(",", "%2C").replace("+", "%2B")
    )
