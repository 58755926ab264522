"""What tests of requests for media stand on: a job that runs in this thread, and a fleet that knows how jobs ended."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

from actors.requests.requests import sync_request, sync_requests
from leeward.errors import JobNotFound
from leeward.jobs.sync.request import MediaType, SyncRequest
from leeward.jobs.sync.requests import SyncRequests
from leeward.status import JobState, JobStatus
from leeward.wire.running import running_job
from providers.seerr.provider import Seerr

MOVIE = SyncRequest(media_type=MediaType.MOVIE, tmdb_id=603)


class Delivery:
    """A job that runs in this thread, as far as an actor sees it."""

    idempotency_key = None
    number = 1
    progress = None
    cancelled = False
    message_timestamp = 1
    args: tuple[Any, ...] = ()
    kwargs: ClassVar[dict[str, Any]] = {}

    def __init__(self, job_id: str) -> None:
        self.message_id = job_id
        self.options: dict[str, Any] = {}
        self.events: list[tuple[str, dict[str, Any]]] = []

    def begin_effect(self) -> None: ...

    def emit_event(self, name: str, data: dict[str, Any]) -> None:
        self.events.append((name, dict(data)))

    emit_event_now = emit_event

    def emit_event_if_dead(self, name: str, data: dict[str, Any]) -> None:
        """Such a delivery does not die."""

    @property
    def announced(self) -> list[tuple[str, int, str, str]]:
        return [(name, data["request"], data["status"], data["media_status"]) for name, data in self.events]


class Fleet:
    """Knows how jobs ended."""

    def __init__(self) -> None:
        self.done: set[str] = set()
        self.running: set[str] = set()

    def status(self, job_id: str) -> JobStatus:
        if job_id not in self.done | self.running:
            raise JobNotFound(job_id)
        state = JobState.DONE if job_id in self.done else JobState.RUNNING
        return JobStatus(job_id=job_id, state=state, provider="seerr")


@contextmanager
def delivery(job_id: str) -> Iterator[Delivery]:
    running = Delivery(job_id)
    token = running_job.set(running)
    try:
        yield running
    finally:
        running_job.reset(token)


def run(seerr: Seerr, fleet: Fleet, job_id: str, *ids: int) -> tuple[dict[str, Any], Delivery]:
    """One run that ends well."""
    with delivery(job_id) as running:
        result: dict[str, Any] = sync_requests(SyncRequests(request_ids=ids), seerr, fleet)  # type: ignore[arg-type] # as far as it is needed
    fleet.done.add(job_id)
    return result, running


def submit(seerr: Seerr, tmdb_id: int = 603) -> int:
    number: int = sync_request(MOVIE.model_copy(update={"tmdb_id": tmdb_id}), seerr)["request_id"]
    return number
