"""A host of files over HTTP, with the mistakes that such hosts make.

`/bytes/<size>/<seed>` is there without being published; its query may set any field of `PublishedFile`, as
`/bytes/1000000/a?validator=weak&bytes_per_second=50000`. Operations for fault rules are `METHOD /path`.
"""

import re
import ssl
import threading
from collections import Counter
from collections.abc import Mapping
from typing import Any, Self
from urllib.parse import parse_qsl

from pydantic import BaseModel, ConfigDict

from simulators.faults import FaultPlan
from simulators.files.answer import FileAnswer, answer
from simulators.files.http import FileServer
from simulators.files.published import PublishedFile
from simulators.record import Record

_GENERATED = re.compile(r"/bytes/(?P<size>\d{1,15})/(?P<seed>[^/]+)")


class Settings(BaseModel):
    """`files` by path."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    files: dict[str, PublishedFile] = {}


class FilesSimulator:
    """One simulated host. `with FilesSimulator() as host:` runs it on a free port.

    Records an event `request` for each answer, at its end: `path`, `query`, `headers`, `status`, `sent` (bytes of the
    body that were handed to the system) and `end`.
    """

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        faults: FaultPlan | None = None,
        record: Record | None = None,
        settings: Settings | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.faults = faults or FaultPlan()
        self.record = record or Record()
        self.settings = settings or Settings()
        self._lock = threading.Lock()
        self._requests: Counter[str] = Counter()
        self._server = FileServer((host, port), self._offer, self.faults, self.record)
        self._scheme = "http" if tls is None else "https"
        if tls is not None:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)

    @property
    def port(self) -> int:
        return self._server.server_port

    @property
    def url(self) -> str:
        return f"{self._scheme}{self._server.url.removeprefix('http')}"

    @property
    def in_flight(self) -> int:
        """How many requests are being answered; the record holds all others."""
        return self._server.in_flight

    def start(self) -> None:
        self._server.start()

    def stop(self) -> None:
        self._server.stop()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def publish(self, path: str, **properties: Any) -> PublishedFile:
        """Offers a file under a path, as if it had not been requested yet."""
        file = PublishedFile.model_validate(properties)
        with self._lock:
            self.settings = Settings(files={**self.settings.files, path: file})
            self._requests[path] = 0
        return file

    def state(self) -> Mapping[str, Any]:
        with self._lock:
            return {"files": self.settings.model_dump(mode="json")["files"], "requests": dict(self._requests)}

    def configure(self, settings: Mapping[str, Any]) -> None:
        with self._lock:
            self.settings = Settings.model_validate(self.settings.model_dump() | dict(settings))

    def _offer(self, path: str, query: str, headers: Mapping[str, str]) -> tuple[PublishedFile, FileAnswer]:
        with self._lock:
            file = self.settings.files.get(path) or _generated(path, query)
            number = self._requests[path]
            self._requests[path] += 1
        return (PublishedFile(), FileAnswer(404, {})) if file is None else (file, answer(file, headers, number))


def _generated(path: str, query: str) -> PublishedFile | None:
    found = _GENERATED.fullmatch(path)
    return None if found is None else PublishedFile.model_validate(dict(parse_qsl(query)) | found.groupdict())


def create(host: str, port: int, faults: FaultPlan, record: Record, settings: Mapping[str, Any]) -> FilesSimulator:
    """For `python -m simulators files`."""
    return FilesSimulator(
        host=host, port=port, faults=faults, record=record, settings=Settings.model_validate(dict(settings))
    )
