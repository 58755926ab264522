"""A server on loopback that keeps invoices, as Acme's would, and fails when it is told to."""

import json
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class InvoiceServer:
    """Attributes:
    invoices: by number.
    stored: how often an invoice of a number was stored.
    works: False: every answer is 503, that of `/health`, too.
    missing: numbers whose storing is answered 404.
    held: numbers whose answer waits for `release` after the invoice was stored.
    """

    def __init__(self, key: str) -> None:
        self.key = key
        self.invoices: dict[str, dict[str, Any]] = {}
        self.stored = Counter[str]()
        self.works = True
        self.missing: set[str] = set()
        self.held: set[str] = set()
        self.release = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler_of(self))
        self._server.daemon_threads = True

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @contextmanager
    def running(self) -> Iterator["InvoiceServer"]:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        try:
            yield self
        finally:
            self.release.set()
            self._server.shutdown()
            self._server.server_close()

    def get(self, path: str) -> tuple[int, Any]:
        if not self.works:
            return 503, {"error": "down"}
        if path == "/health":
            return 200, {}
        found = self.invoices.get(path.rpartition("/")[2])
        return (404, {}) if found is None else (200, found)

    def put(self, path: str, body: dict[str, Any]) -> tuple[int, Any]:
        number = path.rpartition("/")[2]
        if not self.works:
            return 503, {"error": "down"}
        if number in self.missing:
            return 404, {"error": f"no account for {number}"}
        self.stored[number] += 1
        self.invoices[number] = {"number": number, "cents": body["cents"]}
        if number in self.held:
            self.release.wait()
        return 200, self.invoices[number]


def _handler_of(server: InvoiceServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None: ...

        def do_GET(self) -> None:
            self._answer(*server.get(self.path))

        def do_PUT(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            allowed = self.headers["Authorization"] == f"Bearer {server.key}"
            self._answer(*(server.put(self.path, body) if allowed else (401, {})))

        def _answer(self, status: int, body: object) -> None:
            content = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    return Handler
