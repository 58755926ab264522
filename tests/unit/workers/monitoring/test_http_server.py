"""Clients that want to keep a host's pages busy: whatever they do, the next honest one is answered."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from http.client import HTTPConnection

import pytest

from tests.support.waiting import wait_until
from workers.monitoring.http_server import Answer, HttpServer, Limits, Request, listen

SHORT = timedelta(milliseconds=300)
LONG = timedelta(seconds=60)
FEW = Limits(connections=8, at_once=2, request=LONG, page=LONG, answer=LONG)
QUICK = Limits(connections=64, at_once=2, request=SHORT, page=SHORT, answer=SHORT)
BIG = b"x" * 50_000_000

Address = tuple[str, int]


@contextlib.contextmanager
def server(limits: Limits, **pages: Callable[[Request], Answer]) -> Iterator[Address]:
    listener = listen("127.0.0.1", 0)
    address: Address = listener.getsockname()
    own = {f"/{name}": page for name, page in {"page": _page, **pages}.items()}
    running = HttpServer(listener, own, lambda _: Answer(404, [], b"none"), limits)
    running.start()
    try:
        yield address
    finally:
        running.ask_to_stop()
        running.join(20)
        assert not running.is_alive()


def _page(_: Request) -> Answer:
    return Answer(200, [], b"here")


def get(address: Address, path: str = "/page", method: str = "GET") -> tuple[int, bytes]:
    connection = HTTPConnection(*address, timeout=30)
    with contextlib.closing(connection):
        connection.request(method, path)
        answer = connection.getresponse()
        return answer.status, answer.read()


def is_closed(client: socket.socket) -> bool:
    client.settimeout(30)
    try:
        while client.recv(1 << 16):
            pass
    except ConnectionError:
        pass
    return True


BEGINNINGS = {
    "nothing": b"",
    "half a method": b"GE",
    "no end of the line": b"GET /page",
    "no host": b"GET /page HTTP/1.1\r\n",
    "one header": b"GET /page HTTP/1.1\r\nHost: x\r\n",
    "half a header": b"GET /page HTTP/1.1\r\nX-Slow: ",
    "old version": b"GET /page HTTP/1.0\r\n",
    "a post": b"POST /page HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n",
    "empty lines": b"\r\n\r\n",
    "an upgrade": b"GET /page HTTP/1.1\r\nUpgrade: websocket\r\n",
}


@pytest.mark.parametrize("sent", BEGINNINGS.values(), ids=BEGINNINGS)
def test_a_request_that_does_not_end_is_given_up(sent: bytes) -> None:
    with server(QUICK) as address, socket.create_connection(address) as client:
        client.sendall(sent)

        assert is_closed(client)
        assert get(address) == (200, b"here")


def test_a_request_byte_by_byte_has_the_same_limit_as_any() -> None:
    """Each byte comes in time; the request does not."""
    with server(QUICK) as address, socket.create_connection(address) as client:
        client.sendall(b"GET /page HTTP/1.1\r\n")
        ended = threading.Event()

        def watch() -> None:
            if is_closed(client):
                ended.set()

        threading.Thread(target=watch, daemon=True).start()

        def drip() -> bool:
            with contextlib.suppress(OSError):
                client.sendall(b"X")
            return ended.is_set()

        wait_until(drip, description="the connection to be closed", timeout=30)


WRONG = {
    "no http": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 tls hello\r\n\r\n",
    "two lengths": b"GET /page HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
    "a line too long": b"GET /" + b"p" * 100_000 + b" HTTP/1.1\r\n\r\n",
    "headers without end": b"GET /page HTTP/1.1\r\n" + b"X-Many: 1\r\n" * 10_000,
    "a method nobody knows": b"BREW /page HTTP/1.1\r\nHost: x\r\n\r\n",
    "a space in a name": b"GET /page HTTP/1.1\r\nBad name: x\r\n\r\n",
    "null bytes": b"\0" * 64 + b"\r\n\r\n",
    "no host in 1.1": b"GET /page HTTP/1.1\r\n\r\n",
}


@pytest.mark.parametrize("sent", WRONG.values(), ids=WRONG)
def test_what_is_no_request_is_refused(sent: bytes) -> None:
    with server(QUICK) as address, socket.create_connection(address) as client:
        with contextlib.suppress(ConnectionError):
            client.sendall(sent)
        client.settimeout(30)
        with contextlib.suppress(ConnectionError):
            assert client.recv(100).startswith(b"HTTP/1.1 4")
        assert get(address) == (200, b"here")


def test_thousands_of_silent_connections_take_nobodys_place() -> None:
    """None of them runs into its time: those that came first make room."""
    with server(FEW) as address, contextlib.ExitStack() as stack:
        for _ in range(300):
            stack.enter_context(socket.create_connection(address))

        assert get(address) == (200, b"here")


def test_clients_that_take_no_answer_take_nobodys_place() -> None:
    with server(FEW, big=lambda _: Answer(200, [], BIG)) as address, contextlib.ExitStack() as stack:
        for _ in range(40):
            client = stack.enter_context(socket.create_connection(address))
            client.sendall(b"GET /big HTTP/1.1\r\nHost: x\r\n\r\n")

        assert get(address) == (200, b"here")


def test_answers_that_wait_to_be_taken_leave_the_places_of_those_that_ask() -> None:
    """Whatever the order: a slow request is older than every answer that waits here."""
    with server(FEW) as address, socket.create_connection(address) as slow, contextlib.ExitStack() as stack:
        slow.sendall(b"GET /page HTTP/1.1\r\n")
        for _ in range(2 * FEW.connections):
            answered = stack.enter_context(socket.create_connection(address, timeout=30))
            answered.sendall(b"GET /page HTTP/1.1\r\nHost: x\r\n\r\n")
            assert answered.recv(100).startswith(b"HTTP/1.1 200")

        slow.sendall(b"Host: x\r\n\r\n")
        slow.settimeout(30)
        assert slow.recv(100).startswith(b"HTTP/1.1 200")


def test_a_client_that_takes_no_answer_is_given_up() -> None:
    with server(QUICK, big=lambda _: Answer(200, [], BIG)) as address, socket.create_connection(address) as client:
        client.sendall(b"GET /big HTTP/1.1\r\nHost: x\r\n\r\n")
        wait_until(lambda: _refused(client), description="the connection to be reset", timeout=30)


def _refused(client: socket.socket) -> bool:
    try:
        client.sendall(b"x")
    except OSError:
        return True
    return False


def test_a_page_that_hangs_is_answered_in_its_time_and_holds_up_no_other() -> None:
    let_go = threading.Event()

    def hangs(_: Request) -> Answer:
        let_go.wait(60)
        return _page(_)

    with server(QUICK, hangs=hangs) as address:
        late = [get(address, "/hangs") for _ in range(4)]
        page = get(address)
        let_go.set()
        wait_until(lambda: get(address, "/hangs")[0] == 200, description="the page to come back", timeout=30)

    assert [status for status, _ in late] == [503] * 4
    assert b"too long" in late[0][1]
    assert b"2 answers" in late[3][1]
    assert page == (200, b"here")


def test_no_thread_to_spare_is_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    with server(QUICK) as address:
        usual = threading.Thread.start

        def refuse(thread: threading.Thread) -> None:
            if thread.name.startswith("page "):
                raise RuntimeError("can't start new thread")
            usual(thread)

        monkeypatch.setattr(threading.Thread, "start", refuse)

        assert get(address)[0] == 503


def test_only_reading_is_possible_and_head_brings_no_body() -> None:
    with server(QUICK) as address:
        assert get(address, method="POST")[0] == 405
        assert get(address, method="HEAD") == (200, b"")
        assert get(address, "/other?x=1") == (404, b"none")


def test_a_page_learns_of_the_query_and_the_headers() -> None:
    def echo(request: Request) -> Answer:
        return Answer(200, [], f"{request.query} {request.headers['host']}".encode())

    with server(QUICK, echo=echo) as address:
        assert get(address, "/echo?name=a&b")[1].startswith(b"name=a&b 127.0.0.1")


def test_a_taken_address_is_an_error_at_once() -> None:
    with server(QUICK) as address, pytest.raises(OSError, match="in use"):
        listen(*address)
