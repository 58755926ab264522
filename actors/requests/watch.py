"""One run over the requests of one server: finds new ones, reads those that are not over, and emits an event for each change."""

import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Protocol
from uuid import uuid4

from actors.requests.book import RequestBook
from leeward.errors import JobNotFound
from leeward.extension import Permanent, ProviderError, Transient, current_job, emit_event, stop_if_cancelled
from leeward.redaction import cleaned
from leeward.status import JobState, JobStatus

if TYPE_CHECKING:
    from providers.seerr.media_request import MediaRequest
    from providers.seerr.requests import Requests
    from storage.media_requests.media_requests import Change, Seen

MOST_PAGES = 40
"""Of the list, at the first run: what is older than 2,000 requests is not looked at."""
RUN_FOR = timedelta(minutes=2)
"""After that, a slow server's other requests are left to the next run."""
_FINAL_MEDIA = frozenset({"available", "deleted", "blocklisted"})


class Fleet(Protocol):
    """A `Leeward` client, as far as it is needed here."""

    def status(self, job_id: str) -> JobStatus: ...


def watch(
    provider: str,
    requests: "Requests",
    book: RequestBook,
    fleet: Fleet,
    ids: Sequence[int] = (),
    *,
    clock: Callable[[], float] = time.monotonic,
) -> dict[str, Any]:
    """What became of a bounded number of requests; the others are next in turn. Its result is that of `SyncRequests`.

    Args:
        provider: the instance's name.
        requests: at the server.
        book: what is known of them.
        fleet: knows how jobs ended: what one announced that did not end well has reached no handler.
        ids: only these; without any, new ones are looked for, and all that are open come in turn.
        clock: monotonic seconds.

    Raises:
        ProviderError: the server cannot be asked, or none of the requests could be read.
    """
    ends_at = clock() + RUN_FOR.total_seconds()
    job = current_job()
    job_id = uuid4().hex if job is None else job.id
    book.begin(provider, job_id, lambda other: _has_done(fleet, other))
    discovered = 0 if ids else _discover(provider, requests, book)
    tally = _Tally(discovered)
    for request_id in ids or book.watched(provider):
        stop_if_cancelled()
        if not ids and clock() >= ends_at:
            break
        _check(provider, requests, book, request_id, job_id, tally)
    return tally.result()


class _Tally:
    def __init__(self, discovered: int) -> None:
        self.checked = self.changed = self.gone = 0
        self.discovered = discovered
        self.failed: dict[str, str] = {}
        self.first: ProviderError | None = None

    def result(self) -> dict[str, Any]:
        if self.first is not None and not self.checked:
            raise self.first
        counts = {name: getattr(self, name) for name in ("checked", "changed", "discovered", "gone")}
        return counts | {"failed": self.failed}


def _check(provider: str, requests: "Requests", book: RequestBook, request_id: int, job_id: str, tally: _Tally) -> None:
    try:
        change = _observed(provider, requests, book, request_id, job_id, tally)
    except (Permanent, Transient) as error:
        if error.unreachable:
            raise  # the others would wait for nothing, too
        tally.failed[str(request_id)] = cleaned(str(error))
        tally.first = tally.first or error
        book.postpone(provider, request_id)
        return
    tally.checked += 1
    if change is not None:
        tally.changed += 1
        _announce(provider, change)


def _observed(
    provider: str, requests: "Requests", book: RequestBook, request_id: int, job_id: str, tally: _Tally
) -> "Change | None":
    from providers.seerr.answers import NoSuchRequest  # the HTTP client: not for a worker that has no Seerr

    try:
        found = requests.get(request_id)
    except NoSuchRequest:
        tally.gone += 1
        return book.gone(provider, request_id, job_id)
    return book.observe(provider, _seen(found), job_id)


def _discover(provider: str, requests: "Requests", book: RequestBook) -> int:
    """Notes the requests that are newer than all that are known, all of them or none, so that what was missed is found the next time."""
    new: dict[int, Seen] = {}
    for number in range(MOST_PAGES):
        page = requests.page(skip=number * _page_size())
        ids = [one.id for one in page.requests]
        known = book.known(provider, ids)
        # A new request shifts the pages meanwhile, so one may be seen twice.
        new |= {one.id: _seen(one) for one in page.requests if one.id not in known}
        if known or not ids or len(ids) + page.unreadable < _page_size():
            break
    book.add(provider, new.values())
    return len(new)


def _page_size() -> int:
    from providers.seerr.requests import PAGE

    return PAGE


def _seen(request: "MediaRequest") -> "Seen":
    from storage.media_requests.media_requests import Seen

    return Seen(
        request_id=request.id,
        media_type=request.media_type,
        tmdb_id=request.tmdb_id,
        is_4k=request.is_4k,
        status=request.status,
        media_status=request.media_status,
        is_open=not request.is_over and request.media_status not in _FINAL_MEDIA,
    )


def _announce(provider: str, change: "Change") -> None:
    facts = change.seen._asdict()
    facts.pop("is_open")
    data = {
        "provider": provider,
        "request": facts.pop("request_id"),
        **facts,
        "was_status": change.was_status,
        "was_media_status": change.was_media_status,
    }
    emit_event("media.requested" if change.was_status is None else "request.changed", **data)
    if change.seen.media_status == "available" != change.was_media_status:
        emit_event("media.available", **data)


def _has_done(fleet: Fleet, job_id: str) -> bool | None:
    """None: it may still be done."""
    try:
        state = fleet.status(job_id).state
    except JobNotFound:
        return False
    return state is JobState.DONE if state.is_final else None
