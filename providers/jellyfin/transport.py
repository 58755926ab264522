"""HTTP to one Jellyfin server: a pool with timeouts, no redirects, and every failure as one of our own errors."""

import ssl
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, NoReturn

import httpx

from providers.errors import Ambiguous, Misconfigured, ProviderError, Transient
from providers.jellyfin.answers import classify
from providers.jellyfin.config import JellyfinConfig
from providers.trust import trust

_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout)
_OUR_MISTAKE = (httpx.UnsupportedProtocol, httpx.LocalProtocolError, httpx.InvalidURL)


class Transport:
    """Sends requests. Safe to use from any number of threads; they share the pool. Close it when done.

    Connects at the first request, so one that is made before a fork is still fit for use after it.
    """

    def __init__(self, config: JellyfinConfig, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.config = config
        self._now = now
        self._client = httpx.Client(
            base_url=config.url.rstrip("/"),
            headers={"Authorization": f'MediaBrowser Token="{_escaped(config)}"', "Accept": "application/json"},
            timeout=_timeout(config),
            limits=httpx.Limits(
                max_connections=config.max_connections, max_keepalive_connections=config.max_connections
            ),
            verify=trust(config.ca_file),
            trust_env=False,  # a proxy, a netrc or certificates from the environment would be given our key
            follow_redirects=False,  # a followed 302 turns POST into GET and ends in the web UI's 200
        )

    def call(
        self,
        operation: str,
        method: str,
        path: str,
        *,
        json: Mapping[str, Any] | None = None,
        params: Mapping[str, str] | None = None,
        repeatable: bool = True,
    ) -> Any:
        """One request. Returns the answer's JSON, or None for an answer without content.

        `operation` is what it is called in errors; `repeatable`, whether sending it twice does no harm, decides what a
        lost answer means.

        Raises:
            Ambiguous: the answer to a request that is not repeatable was lost.
            ProviderError: any other class of failure; see `providers.jellyfin.answers`.
        """
        try:
            answer = self._client.request(method, path, json=json, params=params)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            self._raise_no_answer(error, operation, repeatable=repeatable)
        failure = classify(answer, provider=self.config.name, operation=operation, now=self._now())
        if failure is not None:
            raise failure
        return self._content(answer, operation)

    def health_answer(self) -> httpx.Response:
        """The answer to `GET /health`, whatever it says. Raises httpx.HTTPError when there is none."""
        return self._client.get("/health", timeout=self.config.health_timeout.total_seconds())

    def close(self) -> None:
        """Ends every connection."""
        self._client.close()

    def _content(self, answer: httpx.Response, operation: str) -> Any:
        if not answer.content:
            return None
        try:
            return answer.json()
        except ValueError as error:
            message = f"Jellyfin answered {answer.status_code} with JSON that breaks off"
            raise self._error(Transient, message, operation, status=answer.status_code) from error

    def _raise_no_answer(
        self, error: httpx.HTTPError | httpx.InvalidURL, operation: str, *, repeatable: bool
    ) -> NoReturn:
        said = f"{type(error).__name__}: {error}"
        if isinstance(error, _OUR_MISTAKE) or _is_untrusted(error):
            raise self._error(Misconfigured, f"Jellyfin cannot be asked: {said}", operation) from error
        if isinstance(error, httpx.PoolTimeout):
            raise self._error(Transient, "every connection to Jellyfin is in use here", operation) from error
        if isinstance(error, _NEVER_SENT):
            raise self._error(Transient, f"Jellyfin cannot be reached: {said}", operation, unreachable=True) from error
        kind = Transient if repeatable else Ambiguous
        raise self._error(kind, f"Jellyfin's answer was lost: {said}", operation, unreachable=True) from error

    def _error(self, kind: type[ProviderError], message: str, operation: str, **facts: Any) -> ProviderError:
        return kind(message, provider=self.config.name, operation=operation, **facts)


def _escaped(config: JellyfinConfig) -> str:
    # The server URL-decodes the values of this header.
    return (
        config.token.get_secret_value().replace("%", "%25").replace('"', "%22").replace(",", "%2C").replace("+", "%2B")
    )


def _timeout(config: JellyfinConfig) -> httpx.Timeout:
    connect = config.connect_timeout.total_seconds()
    answer = config.answer_timeout.total_seconds()
    return httpx.Timeout(connect=connect, pool=connect, read=answer, write=answer)


def _is_untrusted(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return True
        error = error.__cause__ or error.__context__
    return False
