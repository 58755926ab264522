"""Sends the file host's answers, as slowly or as brokenly as they are to be sent, and records every one of them."""

import os
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import responses
from http.server import BaseHTTPRequestHandler
from typing import Any, ClassVar
from urllib.parse import urlsplit

from simulators.faults import Effect, Fault, FaultPlan, Rule, Stage
from simulators.files.answer import FileAnswer
from simulators.files.content import content
from simulators.files.published import Framing, PublishedFile
from simulators.http_server import Answer, HttpServer
from simulators.record import Record

_RST_ON_CLOSE = struct.pack("ii", 1, 0)
_SLICES_PER_SECOND = 20

Offer = Callable[[str, str, Mapping[str, str]], tuple[PublishedFile, FileAnswer]]
"""The file and the answer for a path, a query and a request's fields."""


@dataclass(slots=True)
class _Sent:
    """What became of one answer so far."""

    status: int = 0
    body_bytes: int = 0
    end: str = "gone"
    """`whole`, `closed`, `hung`, `reset`, or `gone`: the client went away."""
    facts: dict[str, Any] = field(default_factory=dict)


class FileServer(HttpServer):
    """An HTTP/1.1 server whose bodies are streamed. Listener, faults and threads are those of `HttpServer`."""

    def __init__(self, address: tuple[str, int], offer: Offer, faults: FaultPlan, record: Record) -> None:
        super().__init__(address, lambda _: Answer(404), faults)
        self.offer = offer
        self.record = record
        self._in_flight = 0
        self._counting = threading.Lock()

    @property
    def in_flight(self) -> int:
        """How many requests are being answered."""
        with self._counting:
            return self._in_flight

    @contextmanager
    def counted(self) -> Iterator[None]:
        """Counts one request for as long as it is being answered and recorded."""
        with self._counting:
            self._in_flight += 1
        try:
            yield
        finally:
            with self._counting:
                self._in_flight -= 1

    def finish_request(self, request: Any, client_address: Any) -> None:
        FileHandler(request, client_address, self)


class FileHandler(BaseHTTPRequestHandler):
    """One connection. `Rule.after_bytes` counts bytes of the body."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout: ClassVar[float] = 300.0
    server: FileServer

    def do_GET(self) -> None:
        with self.server.counted():
            self._answer()

    do_HEAD = do_GET  # noqa: N815 # http.server's name

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 # http.server's signature
        """Says nothing."""

    def _answer(self) -> None:
        parts = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        sent = _Sent(facts={"method": self.command, "path": parts.path, "query": parts.query, "headers": headers})
        try:
            fault = self.server.faults.next(f"{self.command} {parts.path}")
            time.sleep(fault.latency_seconds)
            self._serve(parts.path, parts.query, headers, fault, sent)
        finally:
            self.server.record.add("request", status=sent.status, sent=sent.body_bytes, end=sent.end, **sent.facts)

    def _serve(self, path: str, query: str, headers: Mapping[str, str], fault: Fault, sent: _Sent) -> None:
        if (rule := fault.at(Stage.BEFORE)) is not None:
            self._strike(rule, sent)
            return
        file, answer = self.server.offer(path, query, headers)
        if (rule := fault.at(Stage.AFTER)) is not None:
            self._strike(rule, sent)
            return
        self._head(answer.status, answer.headers, sent)
        if self.command == "GET":
            self._body(file, answer, fault.at(Stage.DURING), sent)
        else:
            sent.end = "whole"

    def _strike(self, rule: Rule, sent: _Sent) -> None:
        if rule.effect is not Effect.STATUS:
            self._break(rule, sent)
            return
        ordered = Answer.of_rule(rule)
        self._head(ordered.status, {"Content-Length": str(len(ordered.body)), **ordered.headers}, sent)
        self._write(ordered.body, sent)
        sent.end = "whole"

    def _body(self, file: PublishedFile, answer: FileAnswer, rule: Rule | None, sent: _Sent) -> None:
        is_chunked = answer.headers.get("Transfer-Encoding") == "chunked"
        cut = _cut(file, answer, rule)
        length = answer.length if cut is None else min(answer.length, cut)
        for chunk in _paced(content(answer.seed, answer.first, length), file.bytes_per_second):
            self._write(b"%x\r\n%b\r\n" % (len(chunk), chunk) if is_chunked else chunk, sent, counted=len(chunk))
        if cut is None:
            self._write(b"0\r\n\r\n" if is_chunked else b"", sent, counted=0)
            sent.end = "whole"
            self.close_connection |= file.framing is Framing.CLOSE
        elif rule is not None:
            self._break(rule, sent)
        else:
            sent.end = "closed"
            self.close_connection = True

    def _break(self, rule: Rule, sent: _Sent) -> None:
        if rule.effect is Effect.HANG:
            sent.end = "hung"
            self.server.faults.hang()
        else:
            sent.end = "reset"
        # The streams around the socket keep it open after close(); only its own descriptor's end sends the RST.
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RST_ON_CLOSE)
        self.close_connection = True
        os.close(self.connection.detach())

    def _head(self, status: int, headers: Mapping[str, str], sent: _Sent) -> None:
        lines = [f"HTTP/1.1 {status} {responses.get(status, 'Unknown')}"]
        fields = (
            dict(headers)
            if {"Content-Length", "Transfer-Encoding", "Connection"} & headers.keys()
            else {**headers, "Content-Length": "0"}
        )
        lines += [f"{name}: {value}" for name, value in fields.items()]
        sent.status = status
        self.wfile.write(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"))

    def _write(self, data: bytes, sent: _Sent, *, counted: int | None = None) -> None:
        self.wfile.write(data)
        sent.body_bytes += len(data) if counted is None else counted


def _cut(file: PublishedFile, answer: FileAnswer, rule: Rule | None) -> int | None:
    """After how many bytes the body breaks off; None when it does not."""
    if rule is not None:
        return answer.length // 2 if rule.after_bytes is None else rule.after_bytes
    return file.close_after_bytes


def _paced(chunks: Iterator[bytes], bytes_per_second: int | None) -> Iterator[bytes]:
    if bytes_per_second is None:
        yield from chunks
        return
    slice_bytes = max(bytes_per_second // _SLICES_PER_SECOND, 1)
    begun, given = time.monotonic(), 0
    for chunk in chunks:
        for offset in range(0, len(chunk), slice_bytes):
            piece = chunk[offset : offset + slice_bytes]
            given += len(piece)
            time.sleep(max(begun + given / bytes_per_second - time.monotonic(), 0))
            yield piece
