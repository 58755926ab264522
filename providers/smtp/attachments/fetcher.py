"""Fetches an attachment from a URL that the operator allows."""

from datetime import timedelta
from http import HTTPStatus

import httpx

from leeward.extension import Calls
from leeward.extension.errors import Permanent, ProviderError, TargetUnavailable
from leeward.extension.patience import Patience
from providers.http_client.address_guard import AddressGuard, AddressRefused
from providers.http_client.answer import Answer
from providers.http_client.body import BodyTooLarge
from providers.http_client.client import Bounds, Client
from providers.http_client.exchange import exchange
from providers.http_client.failures import Service
from providers.http_client.location import LocationRefused, location, redirected, shown
from providers.http_client.resolution import Resolver, resolve
from providers.smtp.attachments.allowed_urls import is_allowed
from providers.trust import trust

PATIENCE = Patience(first=timedelta(seconds=30), longest=timedelta(hours=1))
"""The pauses while the host of an attachment does not serve; the job's deadline ends them."""
_REDIRECTS = 5
_CONNECTIONS = 4
_CONNECT = timedelta(seconds=10)
_ANSWER = timedelta(seconds=30)
_TOTAL = timedelta(minutes=5)
_PASSING = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS})


class Fetcher:
    """Safe to use from any number of threads. Close it when done.

    Args:
        allowed: see `is_allowed`; a redirect must be, too.
        allow_private: whether hosts may be at private and local addresses.
        limit_bytes: the largest file.
        call: measures each fetch.
    """

    def __init__(
        self,
        allowed: tuple[str, ...],
        *,
        allow_private: bool,
        limit_bytes: int,
        call: Calls,
        resolver: Resolver = resolve,
    ) -> None:
        self._allowed = allowed
        self._call = call
        guard = AddressGuard(allow_private=allow_private, resolver=resolver)
        self._client = Client(trust=trust(None), proxy=None, max_connections=_CONNECTIONS, sockets=guard)
        self._bounds = Bounds(connect=_CONNECT, answer=_ANSWER, total=_TOTAL, body_bytes=limit_bytes)

    def fetch(self, url: str) -> bytes:
        """What is at the URL, whole.

        Raises:
            Permanent: the URL is not allowed, there is nothing, or it is too large.
            TargetUnavailable: its host does not serve it now.
        """
        with self._call("fetch_attachment"):
            at = self._location(url)
            for _ in range(_REDIRECTS + 1):
                answer = self._answer(at)
                if not HTTPStatus.MULTIPLE_CHOICES <= answer.status < HTTPStatus.BAD_REQUEST:
                    return _content(answer, at)
                at = self._redirected(at, answer)
            raise Permanent(f"{shown(at)} redirects too often", operation="fetch_attachment")

    def close(self) -> None:
        self._client.close()

    def _location(self, url: str) -> httpx.URL:
        try:
            return self._checked(location(url))
        except LocationRefused as refused:
            raise Permanent(str(refused), operation="fetch_attachment") from refused

    def _redirected(self, at: httpx.URL, answer: Answer) -> httpx.URL:
        try:
            return self._checked(redirected(at, answer.headers.get("Location"), integrity_known=False))
        except LocationRefused as refused:
            raise Permanent(str(refused), operation="fetch_attachment") from refused

    def _checked(self, url: httpx.URL) -> httpx.URL:
        if not is_allowed(url, self._allowed):
            advice = "attachments come only from the addresses in the setting attachment_urls"
            raise Permanent(f"{shown(url)} is not allowed: {advice}", operation="fetch_attachment")
        return url

    def _answer(self, url: httpx.URL) -> Answer:
        service = Service(shown(url))
        headers = {"User-Agent": "leeward"}
        try:
            return exchange(self._client, service, "GET", url, headers=headers, bounds=self._bounds, repeatable=True)
        except AddressRefused as refused:
            raise Permanent(f"{refused}: attachments do not come from there") from refused
        except ProviderError as error:
            if isinstance(error.__cause__, BodyTooLarge):
                text = f"what is at {shown(url)} is larger than the {self._bounds.body_bytes} bytes that one may have"
                raise Permanent(text) from error
            raise _unavailable(str(error), condition=error.condition, unreachable=error.unreachable) from error


def _content(answer: Answer, url: httpx.URL) -> bytes:
    if answer.status == HTTPStatus.OK:
        return answer.body
    text = f"{shown(url)} answered {answer.status}"
    if answer.status in _PASSING or answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise _unavailable(text, status=answer.status)
    raise Permanent(f"{text}: there is no attachment", status=answer.status)


def _unavailable(
    text: str, *, status: int | None = None, condition: str = "", unreachable: bool = False
) -> ProviderError:
    return TargetUnavailable(
        text,
        patience=PATIENCE,
        operation="fetch_attachment",
        status=status,
        condition=condition,
        unreachable=unreachable,
    )
