"""plex.tv: PINs, tokens and the servers of an account. `claim` is the person who signs in.

Operations for fault rules are `METHOD /path`, as `GET /api/v2/pins/*`.
"""

import re
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Self

from pydantic import BaseModel, ConfigDict

from simulators.faults import FaultPlan
from simulators.http_server import Answer, HttpServer, Request
from simulators.record import Record

_PIN = re.compile(r"/api/v2/pins/(\d+)")
_STRONG_LENGTH = 25
_TOO_MANY = b'<errors><error code="1003" message="API rate limit exceeded" status="429"/></errors>'


class Settings(BaseModel):
    """`tokens` are valid ones; `servers` what an account may use, as plex.tv lists resources."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    pin_seconds: int = 900
    tokens: dict[str, str] = {"simulated-account-token": "alice"}
    """Token -> user name."""
    servers: list[dict[str, Any]] = []
    claimed: dict[str, str] = {}
    """Code of a PIN -> the token with which someone has signed in; `*` for any."""
    most_calls_per_second: int | None = None


@dataclass(frozen=True, slots=True)
class _Pin:
    id: int
    code: str
    client: str
    product: str
    created_at: datetime
    ends: float


class PlexTvSimulator:
    """One simulated plex.tv. `with PlexTvSimulator() as plextv:` runs it on a free port."""

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        faults: FaultPlan | None = None,
        record: Record | None = None,
        settings: Settings | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.faults = faults or FaultPlan()
        self.record = record or Record()
        self.settings = settings or Settings()
        self._clock = clock
        self._lock = threading.Lock()
        self._pins: dict[int, _Pin] = {}
        self._calls: dict[str, list[float]] = {}
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
            return {"pins": [{"id": one.id, "code": one.code} for one in self._pins.values()]}

    def configure(self, settings: Mapping[str, Any]) -> None:
        self.settings = Settings.model_validate(self.settings.model_dump() | dict(settings))

    def claim(self, code: str, token: str) -> None:
        """A person signs in with the PIN of that code."""
        self.configure({"claimed": {**self.settings.claimed, code: token}})

    def respond(self, request: Request) -> Answer:
        """The answer to a request, without its faults. Thread-safe."""
        client = request.headers.get("x-plex-client-identifier", "")
        if not client:
            return _errors(400, 1000, "X-Plex-Client-Identifier is missing")
        if self._is_too_much(client):
            return Answer(429, _TOO_MANY, "application/xml")
        if request.path == "/api/v2/pins" and request.method == "POST":
            return self._create(request, client)
        if (found := _PIN.fullmatch(request.path)) is not None and request.method == "GET":
            return self._check(int(found[1]), client)
        return self._of_token(request)

    def _of_token(self, request: Request) -> Answer:
        name = self.settings.tokens.get(request.headers.get("x-plex-token", ""))
        if request.path not in {"/api/v2/user", "/api/v2/resources"}:
            return _errors(404, 1002, "Resource not found")
        if name is None:
            return _errors(401, 1001, "User could not be authenticated")
        if request.path == "/api/v2/resources":
            return Answer.of_json(self.settings.servers)
        return Answer.of_json({"id": len(name), "uuid": name, "username": name, "email": f"{name}@example.org"})

    def _create(self, request: Request, client: str) -> Answer:
        is_strong = request.query.get("strong") == "true"
        with self._lock:
            number = len(self._pins) + 1
            code = f"{number:0{_STRONG_LENGTH}x}" if is_strong else f"{number:04X}"
            product = request.headers.get("x-plex-product", "")
            ends = self._clock() + self.settings.pin_seconds
            pin = self._pins[number] = _Pin(number, code, client, product, datetime.now(UTC), ends)
        self.record.add("pin_created", id=number)
        return Answer.of_json(self._said(pin), 201)

    def _check(self, number: int, client: str) -> Answer:
        pin = self._pins.get(number)
        if pin is None or pin.client != client or self._clock() >= pin.ends:
            return _errors(404, 1020, "Code not found or expired")
        return Answer.of_json(self._said(pin))

    def _said(self, pin: _Pin) -> dict[str, Any]:
        claimed = self.settings.claimed
        return {
            "id": pin.id,
            "code": pin.code,
            "product": pin.product,
            "trusted": False,
            "qr": f"https://plex.tv/api/v2/pins/qr/{pin.code}",
            "clientIdentifier": pin.client,
            "location": {"code": "NL", "country": "The Netherlands"},
            "expiresIn": max(0, round(pin.ends - self._clock())),
            "createdAt": _time(pin.created_at),
            "expiresAt": _time(pin.created_at + timedelta(seconds=self.settings.pin_seconds)),
            "authToken": claimed.get(pin.code, claimed.get("*")),
            "newRegistration": None,
        }

    def _is_too_much(self, client: str) -> bool:
        most = self.settings.most_calls_per_second
        with self._lock:
            now = self._clock()
            calls = self._calls[client] = [when for when in self._calls.get(client, []) if when > now - 1] + [now]
            return most is not None and len(calls) > most


def _errors(status: int, code: int, message: str) -> Answer:
    return Answer.of_json({"errors": [{"code": code, "message": message, "status": status}]}, status)


def _time(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def create(host: str, port: int, faults: FaultPlan, record: Record, settings: Mapping[str, Any]) -> PlexTvSimulator:
    """For `python -m simulators plextv`."""
    return PlexTvSimulator(
        host=host, port=port, faults=faults, record=record, settings=Settings.model_validate(dict(settings))
    )
