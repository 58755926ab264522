"""GET requests that follow redirects by our rules, over checked connections."""

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpcore
import httpx

from providers.downloads.config import DownloadConfig
from providers.downloads.network.answer import Resumption
from providers.downloads.network.body import KNOWN, Piece, body
from providers.downloads.problems import AnswerBroken, ProxyRefused
from providers.http_client.address_guard import AddressGuard
from providers.http_client.location import LocationRefused, redirected, shown
from providers.http_client.pool import build_pool
from providers.http_client.sockets import Sockets
from providers.http_client.time_limits import time_limits
from providers.trust import trust

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PROXY_WANTS_CREDENTIALS = 407


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer whose body has not been read.

    Attributes:
        body: see `body`.
        behind_redirect: whether another URL sent us there.
    """

    status: int
    headers: httpx.Headers
    body: Iterator[Piece]
    behind_redirect: bool


class Session:
    """Asks hosts. Safe to use from any number of threads.

    Works on httpcore, the transport of httpx: `httpx.Client` would log every URL in full, queries included. Proxies and
    other settings in the environment are not looked at. No connection is kept, so that a thread which is interrupted in
    the middle of an answer leaves nothing broken behind for others.
    """

    def __init__(self, config: DownloadConfig, guard: AddressGuard) -> None:
        self._config = config
        self._guard = guard
        self._trust = trust(config.ca_file)

    @contextmanager
    def get(self, url: httpx.URL, asked: Resumption | None, *, integrity_known: bool) -> Iterator[Answered]:
        """Gets a URL, or the rest of it, from wherever it redirects to now.

        Raises:
            LocationRefused: a redirect must not be followed, or there are too many.
            AddressRefused: from the address guard, here or behind a redirect.
            ProxyRefused: the proxy wants other credentials.
            httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError, httpcore.ProxyError: no answer came.
            AnswerBroken: one came that nothing can be made of.
        """
        with time_limits(self._config.begin_timeout) as mine:
            for hop in range(self._config.maximum_redirects + 1):
                with self._pool() as pool, _closing(self._sent(pool, url, asked)) as response:
                    headers = httpx.Headers(response.headers)
                    if response.status not in _REDIRECTS:
                        pieces = body(response, mine, self._config.read_timeout.total_seconds())
                        yield Answered(response.status, headers, pieces, behind_redirect=hop > 0)
                        return
                url = redirected(url, headers.get("location"), integrity_known=integrity_known)
        raise LocationRefused(f"more than {self._config.maximum_redirects} redirects, the last one to {shown(url)}")

    def _pool(self) -> httpcore.ConnectionPool:
        proxy = self._config.proxy
        sockets = self._guard if proxy is None else Sockets()
        return build_pool(trust=self._trust, sockets=sockets, proxy=proxy, max_connections=1)

    def _sent(self, pool: httpcore.ConnectionPool, url: httpx.URL, asked: Resumption | None) -> httpcore.Response:
        if self._config.proxy is not None:
            self._guard.check_literal(url.host)
        request = httpcore.Request(
            "GET",
            httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
            headers=list(self._headers(url, asked).items()),
            extensions={"timeout": self._timeouts()},
        )
        response = _answer_of(pool, request)
        if self._config.proxy is not None and response.status == _PROXY_WANTS_CREDENTIALS:
            response.close()
            raise ProxyRefused(response.status)
        return response

    def _headers(self, url: httpx.URL, asked: Resumption | None) -> dict[str, str]:
        headers = {
            "Host": url.netloc.decode("ascii"),
            "User-Agent": self._config.user_agent,
            "Accept": "*/*",
            "Accept-Encoding": "identity",  # or lengths and ranges would be those of an encoded form
        }
        if url.userinfo:
            credentials = f"{url.username}:{url.password}".encode()
            headers["Authorization"] = f"Basic {base64.b64encode(credentials).decode('ascii')}"
        if asked is not None:
            headers["Range"] = f"bytes={asked.first}-"
            if asked.condition is not None:
                headers["If-Range"] = asked.condition
        return headers

    def _timeouts(self) -> dict[str, float]:
        connect, read = self._config.connect_timeout.total_seconds(), self._config.read_timeout.total_seconds()
        return {"connect": connect, "pool": connect, "read": read, "write": read}


def _answer_of(pool: httpcore.ConnectionPool, request: httpcore.Request) -> httpcore.Response:
    try:
        return pool.handle_request(request)
    except httpcore.ProxyError as error:
        # The text begins with the status of its answer to CONNECT.
        if str(error).startswith(str(_PROXY_WANTS_CREDENTIALS)):
            raise ProxyRefused(_PROXY_WANTS_CREDENTIALS) from error
        raise
    except KNOWN:
        raise
    except Exception as error:  # whatever a host sends must have a class: a raw error would be taken for our own
        raise AnswerBroken(f"cannot be read ({type(error).__name__})") from error


@contextmanager
def _closing(response: httpcore.Response) -> Iterator[httpcore.Response]:
    try:
        yield response
    finally:
        response.close()
