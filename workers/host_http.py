"""What a worker host answers over HTTP: `/metrics`, `/health/live`, `/health/ready`."""

import json
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import structlog
from prometheus_client import CollectorRegistry, make_wsgi_app
from prometheus_client.exposition import ThreadingWSGIServer
from prometheus_client.registry import Collector

from workers.process_metrics import ProcessMetrics
from workers.readiness import problems
from workers.settings import Settings
from workers.signs import signs

StartResponse = Callable[..., Any]
Answer = Iterable[bytes]

_log = structlog.get_logger(__name__)


@contextmanager
def serve(
    settings: Settings, folder: Path, gauges: Collector, more_problems: Callable[[], list[str]] = list
) -> Iterator[str]:
    """Serves in a thread while entered; yields the URL.

    Args:
        settings: where to listen, and how many processes there should be.
        folder: where the worker processes keep their metrics and signs of life.
        gauges: what else belongs to `/metrics`.
        more_problems: why else the host is not ready, a sentence each.

    Raises:
        OSError: the address is taken.
    """
    registry = CollectorRegistry()
    registry.register(ProcessMetrics(folder))
    registry.register(gauges)
    pages: dict[str, Callable[[dict[str, Any], StartResponse], Answer]] = {
        "/metrics": make_wsgi_app(registry),
        "/health/live": _live,
        "/health/ready": lambda _environ, start: _ready(
            start, problems(signs(folder), expected=settings.processes) + more_problems()
        ),
    }

    def answer(environ: dict[str, Any], start: StartResponse) -> Answer:
        try:
            return pages.get(environ["PATH_INFO"], _unknown)(environ, start)
        except Exception:  # wsgiref would write the traceback past our log
            _log.exception("page_failed", path=environ["PATH_INFO"])
            return _json(start, "500 Internal Server Error", {"error": "see the log of this host"})

    host, port = settings.http_host, settings.http_port
    server = make_server(host, port, answer, _Server, handler_class=_Quiet)
    thread = threading.Thread(target=server.serve_forever, name="leeward-http", daemon=True)
    thread.start()
    try:
        yield f"http://{host}:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Server(ThreadingWSGIServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        _log.info("http_client_gone", client=str(client_address), error=repr(sys.exception()))


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 # the name is the base class's
        pass


def _live(_environ: dict[str, Any], start: StartResponse) -> Answer:
    """Alive means that this answer came: a supervisor should restart the host when it does not."""
    return _json(start, "200 OK", {"status": "alive"})


def _ready(start: StartResponse, found: list[str]) -> Answer:
    if found:
        return _json(start, "503 Service Unavailable", {"status": "not ready", "problems": found})
    return _json(start, "200 OK", {"status": "ready"})


def _unknown(_environ: dict[str, Any], start: StartResponse) -> Answer:
    return _json(start, "404 Not Found", {"error": "there are /metrics, /health/live and /health/ready"})


def _json(start: StartResponse, status: str, body: dict[str, Any]) -> Answer:
    start(status, [("Content-Type", "application/json")])
    return [json.dumps(body).encode()]
