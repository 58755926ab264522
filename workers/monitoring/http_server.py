"""An HTTP server for a few small pages that cannot be kept busy from outside: every connection and every step of it has a limit."""

import asyncio
import contextlib
import socket
import threading
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from typing import NamedTuple
from urllib.parse import unquote

import h11
import structlog

from broker.threads.vital_thread import VitalThread

_log = structlog.get_logger(__name__)

PIECE_BYTES = 4096


class Request(NamedTuple):
    """`headers` by their names in small letters."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]


class Answer(NamedTuple):
    status: int
    headers: list[tuple[str, str]]
    body: bytes


Page = Callable[[Request], Answer]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a client may take, in number and in time.

    Attributes:
        connections: those that wait for their client to send its request, and as many that wait for it to take its answer. One more
            takes the place of the oldest of its kind: who takes no answer takes no place from a client that is still asking.
        at_once: answers of one page that are being made; who comes then is refused.
        request: from the connection to the end of the request's headers.
        page: for the page to be made.
        answer: for the client to take it.
        header_bytes: of a request.
    """

    connections: int = 64
    at_once: int = 4
    request: timedelta = timedelta(seconds=5)
    page: timedelta = timedelta(seconds=15)
    answer: timedelta = timedelta(seconds=10)
    header_bytes: int = 16 * 1024


class HttpServer(VitalThread):
    """Answers GET and HEAD, one request a connection. Each page is made in a thread of its own, so that one that hangs holds up no other.

    Failure stance: a page that raises is a 500 and a line in the log, one that takes too long a 503.

    Args:
        listener: a bound socket that listens; the server closes it.
        pages: by their path.
        unknown: what answers for every other path.
    """

    def __init__(
        self, listener: socket.socket, pages: Mapping[str, Page], unknown: Page, limits: Limits | None = None
    ) -> None:
        super().__init__("leeward-http")
        self._listener = listener
        self._pages = pages
        self._unknown = unknown
        self._limits = limits or Limits()
        # In the order of their coming.
        self._asking: dict[asyncio.StreamWriter, None] = {}
        self._taking: dict[asyncio.StreamWriter, None] = {}
        self._at_work: Counter[str] = Counter()
        self._counting = threading.Lock()
        self._over: tuple[asyncio.AbstractEventLoop, asyncio.Event] | None = None
        self._reported_at = float("-inf")

    def serve(self) -> None:
        asyncio.run(self._serve())

    def ask_to_stop(self) -> None:
        super().ask_to_stop()
        if self._over is not None:
            loop, over = self._over
            with contextlib.suppress(RuntimeError):  # it has just ended
                loop.call_soon_threadsafe(over.set)

    async def _serve(self) -> None:
        over = asyncio.Event()
        self._over = asyncio.get_running_loop(), over
        server = await asyncio.start_server(self._connected, sock=self._listener, limit=self._limits.header_bytes)
        try:
            while not self.is_stopping:
                self.move()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(over.wait(), LOOK_SECONDS)
        finally:
            server.close()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._converse(reader, writer)
        except (OSError, TimeoutError, h11.LocalProtocolError) as error:
            _log.debug("http_client_gone", error=repr(error))
        finally:
            writer.transport.abort()

    @contextlib.asynccontextmanager
    async def _client(
        self, writer: asyncio.StreamWriter, waiting: dict[asyncio.StreamWriter, None], limit: timedelta
    ) -> AsyncIterator[None]:
        """While we wait for a client: not for longer than this, and not when newer ones need its place. Honest ones are quick."""
        if len(waiting) >= self._limits.connections:
            self._drop_oldest(waiting)
        waiting[writer] = None
        try:
            async with asyncio.timeout(limit.total_seconds()):
                yield
        finally:
            waiting.pop(writer, None)

    def _drop_oldest(self, waiting: dict[asyncio.StreamWriter, None]) -> None:
        oldest = next(iter(waiting))
        del waiting[oldest]
        oldest.transport.abort()
        if time.monotonic() - self._reported_at > TELL_SECONDS:
            self._reported_at = time.monotonic()
            _log.warning(
                "http_connections_dropped",
                limit=self._limits.connections,
                reason="they send no request, or do not read the answer",
            )

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = h11.Connection(h11.SERVER, max_incomplete_event_size=self._limits.header_bytes)
        async with self._client(writer, self._asking, self._limits.request):
            request = await _request(connection, reader)
        if request is None:
            return
        answer = request if isinstance(request, Answer) else await self._answer(request)
        writer.transport.set_write_buffer_limits(0)  # so that `drain` returns when everything has been sent
        async with self._client(writer, self._taking, self._limits.answer):
            writer.write(
                _written(connection, answer, is_head=isinstance(request, Request) and request.method == "HEAD")
            )
            await writer.drain()
            writer.write_eof()
            # A connection that is closed with something unread is reset, and the reset can overtake the answer.
            while await reader.read(PIECE_BYTES):
                pass

    async def _answer(self, request: Request) -> Answer:
        if request.method not in {"GET", "HEAD"}:
            return _refusal(405, "use GET or HEAD", ("Allow", "GET, HEAD"))
        name = request.path if request.path in self._pages else ""
        with self._counting:
            if self._at_work[name] >= self._limits.at_once:
                return _refusal(503, f"{self._limits.at_once} answers to this are on their way: ask again later")
            self._at_work[name] += 1
        try:
            async with asyncio.timeout(self._limits.page.total_seconds()):
                return await self._made(name, request)
        except TimeoutError:
            _log.warning("page_late", path=name, limit_seconds=self._limits.page.total_seconds())
            return _refusal(503, "the answer took too long: see the log of this host")

    async def _made(self, name: str, request: Request) -> Answer:
        """In a thread of its own, which may outlast our patience but not its count."""
        loop, made = asyncio.get_running_loop(), asyncio.get_running_loop().create_future()

        def tell(answer: Answer) -> None:
            if not made.done():
                made.set_result(answer)

        def make() -> None:
            try:
                answer = self._page(name, request)
            finally:
                with self._counting:
                    self._at_work[name] -= 1
            with contextlib.suppress(RuntimeError):  # the server has stopped meanwhile
                loop.call_soon_threadsafe(tell, answer)

        try:
            threading.Thread(target=make, name=f"page {name}", daemon=True).start()
        except (RuntimeError, MemoryError) as error:
            with self._counting:
                self._at_work[name] -= 1
            return _refusal(503, f"this host has no thread to spare: {error}")
        answer: Answer = await made
        return answer

    def _page(self, name: str, request: Request) -> Answer:
        try:
            return self._pages.get(name, self._unknown)(request)
        except Exception:
            _log.exception("page_failed", path=name)
            return _refusal(500, "see the log of this host")


LOOK_SECONDS = 1.0
TELL_SECONDS = 60.0


def listen(host: str, port: int) -> socket.socket:
    """A socket for `HttpServer`.

    Raises:
        OSError: the address is taken, or none of this machine's.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=128)


async def _request(connection: h11.Connection, reader: asyncio.StreamReader) -> Request | Answer | None:
    """None when the client has gone; an answer when what it sends is no request."""
    while True:
        try:
            event = connection.next_event()
        except h11.RemoteProtocolError as error:
            return _refusal(error.error_status_hint, str(error))
        match event:
            case h11.Request():
                return _read(event)
            case h11.NEED_DATA:
                connection.receive_data(await reader.read(PIECE_BYTES))
            case _:
                return None


def _read(event: h11.Request) -> Request:
    target, _, query = event.target.decode("ascii", "replace").partition("?")
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in event.headers}
    return Request(event.method.decode("ascii"), unquote(target), query, headers)


def _written(connection: h11.Connection, answer: Answer, *, is_head: bool) -> bytes:
    headers = [*answer.headers, ("Content-Length", str(len(answer.body))), ("Connection", "close")]
    phrase = HTTPStatus(answer.status).phrase.encode()
    head = connection.send(h11.Response(status_code=answer.status, headers=headers, reason=phrase))
    return (head or b"") + (b"" if is_head else answer.body)


def _refusal(status: int, why: str, *headers: tuple[str, str]) -> Answer:
    return Answer(status, [("Content-Type", "text/plain; charset=utf-8"), *headers], f"{why}\n".encode())
