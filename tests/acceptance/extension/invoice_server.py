"""A server on loopback that keeps invoices, as Acme's would, and fails when it is told to."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from simulators.faults import FaultPlan
from simulators.http_server import Answer, HttpServer, Request


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
        self._server = HttpServer(("127.0.0.1", 0), self._respond, FaultPlan())

    @property
    def url(self) -> str:
        return self._server.url

    @contextmanager
    def running(self) -> Iterator["InvoiceServer"]:
        self._server.start()
        try:
            yield self
        finally:
            self.release.set()
            self._server.stop()

    def _respond(self, request: Request) -> Answer:
        if not self.works:
            return Answer.of_json({"error": "down"}, 503)
        number = request.path.rpartition("/")[2]
        if request.method == "GET":
            return Answer.of_json({}) if request.path == "/health" else self._found(number)
        if request.headers["authorization"] != f"Bearer {self.key}":
            return Answer.of_json({}, 401)
        return self._store(number, request.json())

    def _found(self, number: str) -> Answer:
        found = self.invoices.get(number)
        return Answer.of_json({}, 404) if found is None else Answer.of_json(found)

    def _store(self, number: str, body: dict[str, Any]) -> Answer:
        if number in self.missing:
            return Answer.of_json({"error": f"no account for {number}"}, 404)
        self.stored[number] += 1
        self.invoices[number] = {"number": number, "cents": body["cents"]}
        if number in self.held:
            self.release.wait()
        return Answer.of_json(self.invoices[number])
