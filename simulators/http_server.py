"""A small HTTP/1.1 server with keep-alive that asks a fault plan before and after every answer."""

import contextlib
import json
import os
import socket
import struct
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from http.client import responses
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qsl, urlsplit

from simulators.faults import Effect, FaultPlan, Rule, Stage

TEXT = "text/plain; charset=utf-8"
JSON = "application/json; charset=utf-8"
_BODILESS = frozenset({HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED})
_RST_ON_CLOSE = struct.pack("ii", 1, 0)


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes

    def json(self) -> Any:
        """The body as JSON.

        Raises:
            ValueError: it is none.
        """
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: bytes = b""
    content_type: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of_json(cls, value: object, status: int = 200) -> "Answer":
        return cls(status, json.dumps(value, ensure_ascii=False).encode(), JSON)

    @classmethod
    def of_text(cls, text: str, status: int = 200) -> "Answer":
        return cls(status, text.encode(), TEXT)

    @classmethod
    def of_rule(cls, rule: Rule) -> "Answer":
        """The answer that a rule with the effect `status` orders."""
        assert rule.status is not None
        headers = {} if rule.retry_after is None else {"Retry-After": rule.retry_after}
        return cls(rule.status, (rule.body or "").encode(), rule.content_type, headers)


class HttpServer(ThreadingHTTPServer):
    """Serves `respond` on a loopback port in threads of its own; a request's operation is `METHOD /path`."""

    daemon_threads = True
    request_queue_size = 512
    block_on_close = False

    def __init__(self, address: tuple[str, int], respond: Callable[[Request], Answer], faults: FaultPlan) -> None:
        super().__init__(address, _Handler)
        self.respond = respond
        self.faults = faults
        self._open: set[socket.socket] = set()
        self._guard = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://{self.server_address[0]!s}:{self.server_port}"

    def start(self) -> None:
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def stop(self) -> None:
        """Ends the listener and every open connection."""
        self.shutdown()
        self.server_close()
        self.faults.reset()
        self.drop_connections()

    def drop_connections(self) -> int:
        """Ends every open connection, as a restart would. Returns how many there were."""
        with self._guard:
            for connection in self._open:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
            return len(self._open)

    def verify_request(self, request: Any, client_address: Any) -> bool:  # socketserver's signature
        if self.faults.is_down():
            request.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RST_ON_CLOSE)
            request.close()
            return False
        return True

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        with self._guard:
            self._open.add(request)
        try:
            super().process_request_thread(request, client_address)
        finally:
            with self._guard:
                self._open.discard(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Says nothing of clients that give up, which is what simulators are for; anything else is our own mistake."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout: ClassVar[float] = 300.0
    server: HttpServer

    def do_GET(self) -> None:
        self._serve()

    do_POST = do_PUT = do_DELETE = do_HEAD = do_GET  # noqa: N815 # http.server's names

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 # http.server's signature
        """Says nothing."""

    def _serve(self) -> None:
        parts = urlsplit(self.path)
        length = int(self.headers.get("Content-Length") or 0)
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(self.command, parts.path, dict(parse_qsl(parts.query)), headers, self.rfile.read(length))
        fault = self.server.faults.next(f"{request.method} {request.path}")
        time.sleep(fault.latency_seconds)
        if (rule := fault.at(Stage.BEFORE)) is not None:
            self._strike(rule)
            return
        answer = self.server.respond(request)
        if (rule := fault.at(Stage.AFTER)) is not None:
            self._strike(rule)
        elif (rule := fault.at(Stage.DURING)) is not None:
            self._break_off(answer, rule)
        else:
            self._send(answer)

    def _strike(self, rule: Rule) -> None:
        if rule.effect is Effect.STATUS:
            self._send(Answer.of_rule(rule))
            return
        if rule.effect is Effect.HANG:
            self.server.faults.hang()
        self._reset()

    def _break_off(self, answer: Answer, rule: Rule) -> None:
        size = len(answer.body) // 2 if rule.after_bytes is None else rule.after_bytes
        self.wfile.write(self._head(answer) + answer.body[:size])
        if rule.effect is Effect.HANG:
            self.server.faults.hang()
        self._reset()

    def _send(self, answer: Answer) -> None:
        body = b"" if self.command == "HEAD" else answer.body
        self.wfile.write(self._head(answer) + body)

    def _head(self, answer: Answer) -> bytes:
        lines = [f"HTTP/1.1 {answer.status} {responses.get(answer.status, 'Unknown')}"]
        if answer.status not in _BODILESS:
            lines.append(f"Content-Length: {len(answer.body)}")
        if answer.content_type is not None:
            lines.append(f"Content-Type: {answer.content_type}")
        lines += [f"{name}: {value}" for name, value in answer.headers.items()]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")

    def _reset(self) -> None:
        # The streams around the socket keep it open after close(); only its own descriptor's end sends the RST.
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RST_ON_CLOSE)
        self.close_connection = True
        os.close(self.connection.detach())
