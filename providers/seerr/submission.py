"""A title is requested once: what is requested or available already is looked for before, and after an answer that was lost."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Any

from leeward.extension.errors import Ambiguous, Permanent, Transient
from leeward.jobs.sync.request import MediaType, SyncRequest
from providers.seerr.answers import CREATE, AlreadyRequested
from providers.seerr.media_request import Media, MediaRequest
from providers.seerr.requests import AnswerUnreadable, Requests

_OPTIONAL = {
    "tvdb_id": "tvdbId",
    "user_id": "userId",
    "server_id": "serverId",
    "profile_id": "profileId",
    "root_folder": "rootFolder",
    "language_profile_id": "languageProfileId",
}


class Outcome(StrEnum):
    CREATED = "created"
    ADOPTED = "adopted"
    AVAILABLE = "available"
    NOT_REQUESTABLE = "not_requestable"


Submitted = tuple[Outcome, MediaRequest | None]


def submit(requests: Requests, job: SyncRequest, name: str) -> Submitted:
    """Sees that the title is requested in this quality. Doing it twice is doing it once; two at the same time are not, as the server has no
    constraint: the caller serialises them.

    Args:
        requests: of the server.
        job: what is wanted.
        name: the instance's, for errors.

    Raises:
        ProviderError: of the class that says what to do about it.
    """
    found = _settled(_known(requests, job), job)
    if found is not None:
        return found
    try:
        created = requests.create(body_of(job))
    except AlreadyRequested as taken:
        return _adopted(requests, job, name, taken)
    except (Ambiguous, AnswerUnreadable) as lost:
        return _looked_for(requests, job, name, lost)
    if created is not None:
        return Outcome.CREATED, created
    return _covered_already(requests, job)


def body_of(job: SyncRequest) -> dict[str, Any]:
    """What is sent. Always with `is4k`: without it the server compares with nothing, and takes every request for a new one."""
    body: dict[str, Any] = {"mediaType": job.media_type.value, "mediaId": job.tmdb_id, "is4k": job.is_4k}
    if job.media_type is MediaType.TV:
        body["seasons"] = list(job.seasons) if isinstance(job.seasons, tuple) else "all"
    return body | {theirs: value for ours, theirs in _OPTIONAL.items() if (value := getattr(job, ours)) is not None}


def _known(requests: Requests, job: SyncRequest) -> Media | None:
    try:
        return _media(requests, job)
    except Transient as error:
        # The server says the same of an unknown title and of an outage of TMDB; only its answer to the request itself says which.
        if error.unreachable or error.status is None:
            raise
        return None


def _media(requests: Requests, job: SyncRequest) -> Media:
    return requests.media(job.media_type.value, job.tmdb_id, is_4k=job.is_4k)


def _settled(media: Media | None, job: SyncRequest) -> Submitted | None:
    """What is there already; None when the title is to be requested."""
    if media is None:
        return None
    active = [one for one in media.requests if not one.is_over]
    standing = next(iter(active), None)
    if job.media_type is MediaType.MOVIE:
        if standing is not None:
            return Outcome.ADOPTED, standing
        return (Outcome.AVAILABLE, next(iter(media.requests), None)) if media.status == "available" else None
    if standing is not None and isinstance(job.seasons, tuple) and set(job.seasons) <= _covered(active):
        return Outcome.ADOPTED, next(one for one in active if set(job.seasons) & set(one.seasons))
    return (Outcome.AVAILABLE, standing) if media.status == "available" else None


def _covered(active: Iterable[MediaRequest]) -> set[int]:
    return {season for one in active for season in one.seasons}


def _adopted(requests: Requests, job: SyncRequest, name: str, taken: AlreadyRequested) -> Submitted:
    media = _media(requests, job)
    standing = _standing(media, job)
    if standing is not None:
        return Outcome.ADOPTED, standing
    message = f"{taken}; yet no such request is listed: clear the data of this title in Seerr"
    raise Permanent(message, provider=name, operation=CREATE, status=taken.status) from taken


def _looked_for(requests: Requests, job: SyncRequest, name: str, lost: Ambiguous | AnswerUnreadable) -> Submitted:
    standing = _standing(_media(requests, job), job)
    if standing is not None:
        return Outcome.ADOPTED, standing  # perhaps ours; it is treated like any that stands
    message = f"the answer to the request was lost, and there is no such request yet ({lost})"
    raise Transient(message, provider=name, operation=CREATE, unreachable=lost.unreachable) from lost


def _covered_already(requests: Requests, job: SyncRequest) -> Submitted:
    media = _media(requests, job)
    standing = _standing(media, job)
    if standing is not None:
        return Outcome.ADOPTED, standing
    outcome = Outcome.AVAILABLE if media.status == "available" else Outcome.NOT_REQUESTABLE
    return outcome, next(iter(media.requests), None)


def _standing(media: Media, job: SyncRequest) -> MediaRequest | None:
    """The newest request that is not over and asks for some of it."""
    wanted = set(job.seasons) if isinstance(job.seasons, tuple) else set()
    active = (one for one in media.requests if not one.is_over)
    return next((one for one in active if not wanted or wanted & set(one.seasons)), None)
