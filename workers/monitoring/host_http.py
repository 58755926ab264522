"""What a worker host answers over HTTP: `/metrics`, `/metrics/fleet`, `/health/live`, `/health/ready`."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from prometheus_client import CollectorRegistry, make_wsgi_app
from prometheus_client.registry import Collector

from workers.monitoring.heartbeats import heartbeats
from workers.monitoring.http_server import Answer, HttpServer, Limits, Page, Request, listen
from workers.monitoring.readiness import problems
from workers.settings.settings import Settings

STOP_SECONDS = 5.0


@contextmanager
def serve(
    settings: Settings,
    folder: Path,
    *collectors: Collector,
    fleet: Collector | None = None,
    more_problems: Callable[[], list[str]] = list,
    limits: Limits | None = None,
) -> Iterator[str]:
    """Serves in a thread while entered; yields the URL.

    Args:
        settings: where to listen, and how many processes there should be.
        folder: where the worker processes write their heartbeats.
        collectors: what `/metrics` is made of.
        fleet: what `/metrics/fleet` is made of.
        more_problems: why else the host is not ready, a sentence each.
        limits: of connections and of time.

    Raises:
        OSError: the address is taken.
    """

    def found() -> list[str]:
        return problems(heartbeats(folder), expected=settings.processes) + more_problems()

    address = settings.http_host, settings.http_port
    with serve_collectors(*address, *collectors, fleet=fleet, problems=found, limits=limits) as url:
        yield url


@contextmanager
def serve_collectors(
    host: str,
    port: int,
    *collectors: Collector,
    fleet: Collector | None = None,
    problems: Callable[[], list[str]],
    limits: Limits | None = None,
) -> Iterator[str]:
    """The same pages of any process that is ready while it has no problems. Yields the URL.

    Raises:
        OSError: the address is taken.
    """
    pages: Mapping[str, Page] = {
        "/metrics": _metrics(*collectors),
        **({"/metrics/fleet": _metrics(fleet)} if fleet else {}),
        "/health/live": _live,
        "/health/ready": lambda _: _ready(problems()),
    }
    listener = listen(host, port)
    host, port = listener.getsockname()[:2]
    there = f"there are {', '.join(pages)}"
    server = HttpServer(listener, pages, lambda _: _json(404, {"error": there}), limits)
    server.start()
    try:
        yield f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    finally:
        server.ask_to_stop()
        server.join(STOP_SECONDS)


def _metrics(*collectors: Collector) -> Page:
    registry = CollectorRegistry()
    for collector in collectors:
        registry.register(collector)
    return _page_of(make_wsgi_app(registry))


def _page_of(app: Callable[..., Iterable[bytes]]) -> Page:
    """A WSGI application that looks at the query and the accepted types and encodings only."""

    def page(request: Request) -> Answer:
        status, headers = "", list[tuple[str, str]]()

        def start(said: str, sent: list[tuple[str, str]]) -> None:
            nonlocal status
            status = said
            headers.extend(sent)

        environ: dict[str, Any] = {
            "REQUEST_METHOD": "GET",
            "PATH_INFO": request.path,
            "QUERY_STRING": request.query,
            "HTTP_ACCEPT": request.headers.get("accept", ""),
            "HTTP_ACCEPT_ENCODING": request.headers.get("accept-encoding", ""),
        }
        body = b"".join(app(environ, start))
        return Answer(int(status.split(maxsplit=1)[0]), headers, body)

    return page


def _live(_: Request) -> Answer:
    """Alive means that this answer came: a supervisor should restart the host when it does not."""
    return _json(200, {"status": "alive"})


def _ready(found: list[str]) -> Answer:
    if found:
        return _json(503, {"status": "not ready", "problems": found})
    return _json(200, {"status": "ready"})


def _json(status: int, body: dict[str, Any]) -> Answer:
    return Answer(status, [("Content-Type", "application/json")], json.dumps(body).encode())
