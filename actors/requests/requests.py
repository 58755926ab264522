"""Requests for media at a request manager: submitted once, watched until they are over."""

from contextlib import nullcontext
from datetime import timedelta
from typing import Any

from actors.requests.book import RequestBook
from actors.requests.hints import request_changed
from actors.requests.watch import watch
from leeward.client import Leeward
from leeward.extension import (
    Busy,
    Extension,
    Patience,
    Permanent,
    QuotaExceeded,
    TargetUnavailable,
    actor,
    periodic,
)
from leeward.jobs.sync.request import SyncRequest
from leeward.jobs.sync.requests import SyncRequests
from providers.seerr.provider import Seerr

QUOTA_PATIENCE = Patience(first=timedelta(minutes=30), longest=timedelta(hours=2))
EVENTS = {
    "media.requested": "A request was seen for the first time. Data: as for `request.changed`.",
    "request.changed": "A request, or the media that it asks for, has another status. Data: provider, request, media_type,"
    " tmdb_id, is_4k, status, media_status, was_status, was_media_status.",
    "media.available": "What was requested is available. Data: as for `request.changed`.",
}


@actor(SyncRequest, provider=Seerr, retry_preset="gentle", unknown_outcome="rerun")
def sync_request(job: SyncRequest, seerr: Seerr) -> dict[str, Any]:
    """Sees that a title is requested. Running it again is harmless."""
    # Two at the same time would both be taken: the server looks first and stores then, without a constraint.
    title = f"{seerr.name}/{job.media_type.value}/{job.tmdb_id}/{job.is_4k}"
    with _book(seerr).alone(title) if _has_book(seerr) else nullcontext(enter_result=True) as is_alone:
        if not is_alone:
            raise Busy("another job requests the same title right now", operation="submit")
        return _submitted(job, seerr)


@actor(SyncRequests, provider=Seerr, retry_preset="gentle", unknown_outcome="rerun")
def sync_requests(job: SyncRequests, seerr: Seerr, fleet: Leeward) -> dict[str, Any]:
    """Emits what has changed of requests. Running it again emits nothing twice that was announced."""
    if not _has_book(seerr):
        raise Permanent("what is known of requests is kept in PostgreSQL: set LEEWARD_DATABASE_URL")
    return watch(seerr.name, seerr.requests, _book(seerr), fleet, job.request_ids)


@periodic(timedelta(minutes=1), provider=Seerr, catch_up=timedelta(minutes=5))
def watch_requests(seerr: Seerr, fleet: Leeward) -> None:
    """As `sync.requests`, for each server. Does nothing in a fleet without PostgreSQL."""
    if _has_book(seerr):
        watch(seerr.name, seerr.requests, _book(seerr), fleet)


def _submitted(job: SyncRequest, seerr: Seerr) -> dict[str, Any]:
    try:
        return seerr.submit(job)
    except QuotaExceeded as spent:
        # It is one user's quota: the requests of others are not to wait for it.
        raise TargetUnavailable(
            str(spent),
            operation=spent.operation,
            status=spent.status,
            patience=QUOTA_PATIENCE,
            condition=spent.condition,
        ) from spent


def _has_book(seerr: Seerr) -> bool:
    return seerr.context.database_url is not None


def _book(seerr: Seerr) -> RequestBook:
    return seerr.resource(RequestBook)


extension = Extension(
    "seerr",
    api=1,
    providers=[Seerr],
    actors=[sync_request, sync_requests],
    periodic=[watch_requests],
    events=EVENTS,
    resources=[RequestBook],
    webhooks=[request_changed],
)
