"""One scenario at one client: what it asks, and what it is answered, without what differs from run to run."""

import re
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import asdict, is_dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from leeward import Enqueued, Job, Leeward, LeewardError, SendEmail, SyncUser

ALICE, BOB = SyncUser(user="alice"), SyncUser(user="bob")
MAIL = SendEmail(to=("alice@example.org",), subject="Welcome", text="Hello")
HOUR = timedelta(hours=1)
_LETTER = re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}\b")
_SPAN = re.compile(r"\d+ days?, [\d:.]+ ago")
_ID = re.compile(r"\b[0-9a-f]{32}\b")
Handlers = Mapping[type[Job] | str, Callable[[Any], Any]]


class Site(Protocol):
    """A client, and the fleet behind it."""

    @property
    def client(self) -> Leeward: ...
    def run(self, handlers: Handlers, *, attempts: int) -> None:
        """Runs what is ready, one job at a time."""

    def disabled(self, provider: str) -> AbstractContextManager[None]: ...
    def limited(self, provider: str, **numbers: int) -> AbstractContextManager[None]: ...
    def without_worker(self, queue: str) -> AbstractContextManager[None]: ...


class Trial:
    """Attributes: answers: of every question, and the notes of handlers, in their order."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.answers: list[object] = []
        self._ids: dict[str, str] = {}

    def ask(self, question: Callable[[Leeward], Any]) -> Any:
        """Notes the answer, or the error, and returns it."""
        try:
            answer = question(self.site.client)
        except LeewardError as error:
            self.note([type(error).__name__, str(error), {**vars(error)}])
            return error
        self.note(answer)
        return answer

    def run(self, handlers: Handlers, *, attempts: int = 1) -> None:
        self.site.run(handlers, attempts=attempts)

    def note(self, answer: object) -> None:
        self.answers.append(self._plain(answer))

    def _plain(self, answer: Any) -> object:
        match answer._asdict() if isinstance(answer, Enqueued) else answer:
            case BaseException():
                return [type(answer).__name__, self._plain(str(answer))]
            case str():
                answer = _LETTER.sub("a letter", _SPAN.sub("long ago", answer))
                return _ID.sub(lambda found: self._ids.setdefault(found[0], f"job {len(self._ids) + 1}"), answer)
            case datetime():
                return "an instant"
            case dict() as members:
                return {name: self._field(name, value) for name, value in members.items()}
            case list() | tuple() as ones:
                return [self._plain(one) for one in ones]
        return self._plain(asdict(answer)) if is_dataclass(answer) and not isinstance(answer, type) else answer

    def _field(self, name: str, value: object) -> object:
        return "a worker" if name == "worker" and value is not None else self._plain(value)


def raising(error: Exception):  # type: ignore[no-untyped-def]
    def handler(_: object) -> None:
        raise error

    return handler
