"""A door controller on loopback, for tests."""

import json
import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self


class Controller:
    """Keeps badges in memory.

    Attributes:
        badges: person -> valid badges.
        expired: people whose badges should not be valid any more.
        is_stuck: whether it answers `/health` with 503 until it is restarted.
        status: what every answer but that of `/health` has; 200 while it works.
    """

    def __init__(self, token: str) -> None:
        self.token = token
        self.badges = Counter[str]()
        self.expired: list[str] = []
        self.status = 200
        self.is_stuck = False
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def answer(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        if self.status != 200:
            return self.status, {"error": "the controller does not work"}
        if path == "/restart":
            self.is_stuck = False
            return 200, {}
        if method == "POST":
            self.badges[body["person"]] += 1
            return 201, {"number": f"{body['person']}-{self.badges[body['person']]}"}
        if method == "DELETE":
            return 200, {"revoked": self.badges.pop(path.split("/")[2], 0)}
        return 200, {"people": self.expired}

    def _handler(controller) -> type[BaseHTTPRequestHandler]:  # noqa: N805 # the handler's methods have a self of their own
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_: object) -> None: ...

            def _respond(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"null")
                if self.path == "/health":
                    status, found = 503 if controller.is_stuck else 200, {}
                elif self.headers["X-Token"] != controller.token:
                    status, found = 401, {}
                else:
                    status, found = controller.answer(self.command, self.path, body)
                content = json.dumps(found).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = do_DELETE = _respond

        return Handler
