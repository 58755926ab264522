"""Requests to one server whose answers are read whole: a pool that all threads share, and a bound for everything."""

import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

import httpcore
import httpx

from leeward.extension.calls.call import current_call
from providers.http_client.address_guard import AddressRefused
from providers.http_client.answer import Answer
from providers.http_client.body import ACCEPTED_CODINGS, BodyTooLarge, BodyUndecodable, read_body
from providers.http_client.pool import build_pool
from providers.http_client.proxy import ProxyAddress
from providers.http_client.sockets import Sockets
from providers.http_client.time_limits import TimeLimits, time_limits

_FAILED_ANSWER_BYTES = 64 * 1024
"""What is read of an answer that is no success: enough to say why."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """The limits of one exchange.

    Attributes:
        connect: for a free place in the pool, the name, each address of it, and the TLS handshake.
        answer: from the request to the answer's head, and from each piece of the body to the next.
        total: for all of it.
        body_bytes: the largest answer, after decompression.
        is_cut: whether a larger success is cut off there, where nothing in it matters, instead of refused.
    """

    connect: timedelta
    answer: timedelta
    total: timedelta
    body_bytes: int
    is_cut: bool = False


class AnswerUnreadable(Exception):
    """Raised when an answer is such that the library under us fails over it."""


class Client:
    """Sends requests and follows no redirects. Safe to use from any number of threads. Close it when done.

    Connects at the first request, so one that is made before a fork is still fit for use after it.

    Args:
        trust: whose certificates are trusted.
        proxy: where requests are sent through.
        max_connections: size of the pool.
        sockets: what connects; an `AddressGuard` where jobs name the host.
    """

    def __init__(
        self,
        *,
        trust: ssl.SSLContext,
        proxy: ProxyAddress | None,
        max_connections: int,
        sockets: Sockets | None = None,
    ) -> None:
        self._pool = build_pool(trust=trust, sockets=sockets or Sockets(), proxy=proxy, max_connections=max_connections)

    def send(self, method: str, url: httpx.URL, headers: Mapping[str, str], content: bytes, bounds: Bounds) -> Answer:
        """One request and its answer; within a measured call it takes no longer than that may.

        Raises:
            httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError, httpcore.ProxyError: no answer came.
            AddressRefused: from the guard of the sockets, where there is one.
            BodyTooLarge, BodyUndecodable: a success whose body cannot be taken.
            AnswerUnreadable: anything else that is wrong with an answer.
        """
        request = httpcore.Request(
            method,
            httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
            headers=[*_headers(url, headers, content).items()],
            content=content,
            extensions={"timeout": _timeouts(bounds)},
        )
        try:
            call = current_call()
            with time_limits(bounds.total if call is None else call.at_most(bounds.total)) as mine:
                return self._exchange(request, bounds, mine)
        except (*_NO_ANSWER, BodyTooLarge, BodyUndecodable):
            raise
        except Exception as error:  # whatever a host sends must have a class: a raw error would be taken for our own
            raise AnswerUnreadable(type(error).__name__) from error

    def close(self) -> None:
        """Ends every connection."""
        self._pool.close()

    def _exchange(self, request: httpcore.Request, bounds: Bounds, mine: TimeLimits) -> Answer:
        response = self._pool.handle_request(request)
        try:
            headers = httpx.Headers(response.headers)
            answer = Answer(response.status, headers, b"")
            limit = bounds.body_bytes if answer.is_success else min(bounds.body_bytes, _FAILED_ANSWER_BYTES)
            try:
                body = read_body(_pieces(response, mine), headers.get("Content-Encoding", ""), limit)
            except (BodyTooLarge, BodyUndecodable) as problem:
                if answer.is_success and not bounds.is_cut:
                    raise
                body = problem.beginning if isinstance(problem, BodyTooLarge) else b""
            return Answer(response.status, headers, body)
        finally:
            response.close()


_NO_ANSWER = (
    httpcore.TimeoutException,
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.ProxyError,
    httpcore.UnsupportedProtocol,
    AddressRefused,
)


def _pieces(response: httpcore.Response, mine: TimeLimits) -> Iterator[bytes]:
    for piece in response.iter_stream():
        mine.progressed()
        yield piece


def _headers(url: httpx.URL, headers: Mapping[str, str], content: bytes) -> dict[str, str]:
    length = {"Content-Length": str(len(content))} if content else {}
    host = {"Host": url.netloc.decode("ascii"), "Accept-Encoding": ACCEPTED_CODINGS}
    return host | dict(headers) | length


def _timeouts(bounds: Bounds) -> dict[str, float]:
    connect, answer = bounds.connect.total_seconds(), bounds.answer.total_seconds()
    return {"connect": connect, "pool": connect, "read": answer, "write": answer}
