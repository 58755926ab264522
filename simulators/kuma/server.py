"""Uptime Kuma's push, status pages and metrics, with the answers of 1.23 and 2.x, from their source code.

Operations for fault rules are `METHOD /path`, as `GET /api/push/*`.
"""

import base64
import json
import math
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, Self

from pydantic import BaseModel, ConfigDict

from simulators.faults import FaultPlan
from simulators.http_server import Answer, HttpServer, Request
from simulators.kuma.metrics import exposition
from simulators.record import Record

_UP, _DOWN = 1, 0
_MOST_BEATS = 100
_PAGE = Answer(200, b"<!DOCTYPE html><title>Uptime Kuma</title>", "text/html; charset=utf-8")
_LONGEST_PING = 1e11


class Monitor(BaseModel):
    """`token` is that of a push monitor; `status` of any other one, as if it had been checked."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: int
    name: str
    token: str | None = None
    is_active: bool = True
    status: int | None = None
    ping: float | None = None

    @property
    def type(self) -> str:
        return "http" if self.token is None else "push"


class Settings(BaseModel):
    """`pages` are status pages: slug -> numbers of monitors."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: str = "2.5.3"
    monitors: list[Monitor] = [Monitor(id=1, name="expiry", token="simulated-push-1")]
    pages: dict[str, list[int]] = {"fleet": [1]}
    api_keys: list[str] = ["uk1_simulated"]
    """With none, the first user's login is what `/metrics` is read with."""
    user: str = "admin"
    password: str = "simulated"
    most_per_minute: int = 60
    push_failure: str | None = None
    """What goes wrong inside every push, as a database that is busy or a notification provider that fails."""
    page_failure: str | None = None

    @property
    def is_v2(self) -> bool:
        return not self.version.startswith("1.")


class KumaSimulator:
    """One simulated Uptime Kuma. `with KumaSimulator() as kuma:` runs it on a free port."""

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        faults: FaultPlan | None = None,
        record: Record | None = None,
        settings: Settings | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.faults = faults or FaultPlan()
        self.record = record or Record()
        self.settings = settings or Settings()
        self._clock = clock
        self._lock = threading.Lock()
        self._beats: dict[int, list[dict[str, Any]]] = {}
        self._asked: list[float] = []
        self._server = HttpServer((host, port), self.respond, self.faults)

    @property
    def url(self) -> str:
        return self._server.url

    def start(self) -> None:
        self._server.start()

    def stop(self) -> None:
        self._server.stop()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def state(self) -> Mapping[str, Any]:
        with self._lock:
            return {"beats": {str(number): [*beats] for number, beats in self._beats.items()}}

    def configure(self, settings: Mapping[str, Any]) -> None:
        self.settings = Settings.model_validate(self.settings.model_dump() | dict(settings))

    def respond(self, request: Request) -> Answer:
        """Its answer to a request, without its faults. Thread-safe."""
        match request.path.strip("/").split("/"):
            case ["api", "push", token] if self.settings.is_v2 or request.method == "GET":
                return self._push(token, request.query)
            case ["api", "status-page", "heartbeat", slug]:
                return self._heartbeats(slug)
            case ["api", "status-page", slug]:
                return self._status_page(slug)
            case ["metrics"]:
                return self._metrics(request)
        return _PAGE

    def _push(self, token: str, query: Mapping[str, str]) -> Answer:
        monitor = next((one for one in self.settings.monitors if one.token == token and one.is_active), None)
        if monitor is None:
            return _not_pushed("Monitor not found or not active.")
        ping = _ping(query.get("ping"))
        if self.settings.is_v2 and ping is not None and not 0 <= ping <= _LONGEST_PING:
            return _not_pushed("Invalid ping value")
        status = _UP if query.get("status", "up") == "up" else _DOWN
        beat = {"status": status, "time": self._now(), "msg": query.get("msg") or "OK", "ping": ping or None}
        with self._lock:
            self._beats.setdefault(monitor.id, []).append(beat)
        self.record.add("beat", monitor=monitor.id, status=status, msg=beat["msg"], ping=beat["ping"])
        if self.settings.push_failure is not None:  # the beat was stored: what fails comes after it
            return _not_pushed(self.settings.push_failure)
        return Answer.of_json({"ok": True})

    def _status_page(self, slug: str) -> Answer:
        failure = self._page_failure()
        if failure is not None:
            return failure
        if slug not in self.settings.pages:
            return Answer.of_json({"status": "fail", "msg": "Status Page Not Found"}, 404)
        shown = [one for one in self.settings.monitors if one.id in self.settings.pages[slug]]
        monitors = [{"id": one.id, "name": one.name, "sendUrl": 0, "type": one.type} for one in shown]
        return Answer.of_json(
            {
                "config": {"slug": slug, "title": slug, "published": True},
                "incidents": [],
                "publicGroupList": [{"id": 1, "name": "Services", "weight": 1, "monitorList": monitors}],
                "maintenanceList": [],
            }
        )

    def _heartbeats(self, slug: str) -> Answer:
        failure = self._page_failure()
        if failure is not None:
            return failure
        numbers = self.settings.pages.get(slug, [])
        shown = [one for one in self.settings.monitors if one.id in numbers]
        lists = {str(one.id): [beat | {"msg": ""} for beat in self._beats_of(one)] for one in shown}
        uptimes = {f"{one.id}_24": _uptime(self._beats_of(one)) for one in shown}
        return Answer.of_json({"heartbeatList": lists, "uptimeList": uptimes})

    def _page_failure(self) -> Answer | None:
        text = self.settings.page_failure
        if text is None:
            return None
        busy = text.startswith(("SQLITE_BUSY", "SQLITE_LOCKED"))
        status = 503 if busy else 404 if "not found" in text.lower() else 403
        return Answer.of_json({"status": "fail", "msg": text}, status)

    def _metrics(self, request: Request) -> Answer:
        now = self._clock()
        with self._lock:
            self._asked = [when for when in self._asked if when > now - 60] + [now]
            too_often = len(self._asked) > self.settings.most_per_minute
        if too_often or not self._is_authorized(request.headers.get("authorization", "")):
            return Answer(401, b"", None, {"WWW-Authenticate": "Basic"})
        monitors = [self._measured(one) for one in self.settings.monitors]
        text = exposition([one for one in monitors if one["status"] is not None], is_v2=self.settings.is_v2)
        return Answer(200, text.encode(), "text/plain; version=0.0.4; charset=utf-8")

    def _is_authorized(self, header: str) -> bool:
        try:
            user, _, password = base64.b64decode(header.removeprefix("Basic ")).decode().partition(":")
        except ValueError:
            return False
        if self.settings.api_keys:
            return password in self.settings.api_keys
        return (user, password) == (self.settings.user, self.settings.password)

    def _measured(self, monitor: Monitor) -> dict[str, Any]:
        beats = self._beats_of(monitor)
        newest = beats[-1] if beats else {"status": None, "ping": None}
        shown = {"id": monitor.id, "name": monitor.name, "type": monitor.type}
        return shown | {"status": newest["status"], "ping": newest["ping"], "uptime": _uptime(beats)}

    def _beats_of(self, monitor: Monitor) -> list[dict[str, Any]]:
        if monitor.status is not None:
            return [{"status": monitor.status, "time": self._now(), "msg": "", "ping": monitor.ping}]
        with self._lock:
            return self._beats.get(monitor.id, [])[-_MOST_BEATS:]

    def _now(self) -> str:
        return time.strftime("%Y-%m-%d %H:%M:%S.000", time.gmtime(self._clock()))


def _not_pushed(text: str) -> Answer:
    return Answer(404, json.dumps({"ok": False, "msg": text}).encode(), "application/json; charset=utf-8")


def _ping(text: str | None) -> float | None:
    """As `parseFloat()||null`: nothing, 0 and what does not begin with a number are null."""
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if value and not math.isnan(value) else None


def _uptime(beats: list[dict[str, Any]]) -> float:
    return sum(beat["status"] == _UP for beat in beats) / len(beats) if beats else 0


def create(host: str, port: int, faults: FaultPlan, record: Record, settings: Mapping[str, Any]) -> KumaSimulator:
    """For `python -m simulators kuma`."""
    return KumaSimulator(
        host=host, port=port, faults=faults, record=record, settings=Settings.model_validate(dict(settings))
    )
