"""A receiver that verifies as Standard Webhooks 1.0.0 says, and takes each message once.

Operations for fault rules are `METHOD /path`. Its verification is its own: it shares no code with the sender.
"""

import base64
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, Self

from pydantic import BaseModel, ConfigDict

from simulators.faults import FaultPlan
from simulators.http_server import Answer, HttpServer, Request
from simulators.record import Record

SECRET = "whsec_" + base64.b64encode(b"simulated-receiver-secret-0123456789").decode()


class Settings(BaseModel):
    """`secrets` are those that it verifies with, by path; `""` is for every other path."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    secrets: dict[str, list[str]] = {"": [SECRET]}
    tolerance_seconds: int = 300
    status: int = 204
    """What it answers when it has taken a message."""


class WebhookSimulator:
    """One simulated receiver. `with WebhookSimulator() as receiver:` runs it on a free port."""

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
        self._taken: dict[str, Any] = {}
        self._server = HttpServer((host, port), self.respond, self.faults)

    @property
    def url(self) -> str:
        return f"{self._server.url}/hook"

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
            return {"messages": dict(self._taken)}

    def configure(self, settings: Mapping[str, Any]) -> None:
        self.settings = Settings.model_validate(self.settings.model_dump() | dict(settings))

    def respond(self, request: Request) -> Answer:
        """The receiver's answer to a request, without its faults. Thread-safe."""
        if request.method != "POST":
            return Answer(405)
        problem = self._problem(request)
        if problem is not None:
            self.record.add("message_refused", path=request.path, problem=problem)
            return Answer.of_json({"error": problem}, 401)
        name = request.headers["webhook-id"]
        with self._lock:
            is_new = name not in self._taken
            self._taken.setdefault(name, json.loads(request.body))
        self.record.add("message_taken" if is_new else "message_repeated", id=name, path=request.path)
        return Answer(self.settings.status)

    def _problem(self, request: Request) -> str | None:
        headers = request.headers
        missing = [name for name in ("webhook-id", "webhook-timestamp", "webhook-signature") if not headers.get(name)]
        if missing:
            return f"missing {', '.join(missing)}"
        timestamp = headers["webhook-timestamp"]
        if not timestamp.isdecimal() or abs(self._clock() - int(timestamp)) > self.settings.tolerance_seconds:
            return "the timestamp is not of now"
        secrets = self.settings.secrets.get(request.path, self.settings.secrets.get("", []))
        expected = [self._signature(secret, request) for secret in secrets]
        found = [one[3:] for one in headers["webhook-signature"].split(" ") if one.startswith("v1,")]
        is_known = any(hmac.compare_digest(one, other) for one in found for other in expected)
        return None if is_known else "no signature fits"

    def _signature(self, secret: str, request: Request) -> str:
        content = f"{request.headers['webhook-id']}.{request.headers['webhook-timestamp']}.".encode() + request.body
        key = base64.b64decode(secret.split("_", 1)[1])
        return base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()


def create(host: str, port: int, faults: FaultPlan, record: Record, settings: Mapping[str, Any]) -> WebhookSimulator:
    """For `python -m simulators webhook`."""
    return WebhookSimulator(
        host=host, port=port, faults=faults, record=record, settings=Settings.model_validate(dict(settings))
    )
