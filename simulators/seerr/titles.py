"""What a simulated Seerr holds: titles, requests for them, and how both are."""

import itertools
import threading
import time
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import IntEnum
from typing import Any

from simulators.record import Record

SEASONS = 3
"""Every series has so many, and specials."""


class RequestStatus(IntEnum):
    PENDING = 1
    APPROVED = 2
    DECLINED = 3
    FAILED = 4
    COMPLETED = 5


class MediaStatus(IntEnum):
    UNKNOWN = 1
    PENDING = 2
    PROCESSING = 3
    PARTIALLY_AVAILABLE = 4
    AVAILABLE = 5
    BLOCKLISTED = 6
    DELETED = 7


@dataclass(slots=True, eq=False)
class Title:
    id: int
    media_type: str
    tmdb_id: int
    status: dict[bool, MediaStatus] = field(
        default_factory=lambda: {False: MediaStatus.UNKNOWN, True: MediaStatus.UNKNOWN}
    )
    """By whether it is 4k."""
    requests: list["MediaRequest"] = field(default_factory=list)

    def dto(self) -> dict[str, Any]:
        return {
            "downloadStatus": [],
            "downloadStatus4k": [],
            "id": self.id,
            "mediaType": self.media_type,
            "tmdbId": self.tmdb_id,
            "tvdbId": None,
            "status": int(self.status[False]),
            "status4k": int(self.status[True]),
            "createdAt": "2026-01-01T00:00:00.000Z",
            "updatedAt": "2026-01-01T00:00:00.000Z",
        }


@dataclass(slots=True, eq=False)
class MediaRequest:
    id: int
    title: Title
    is_4k: bool | None
    """None: the caller did not say; the server compares it with nothing."""
    user_id: int
    status: RequestStatus
    seasons: tuple[int, ...]
    body: dict[str, Any]
    created: float
    updated: float
    approved: float | None = None

    def dto(self) -> dict[str, Any]:
        seasons = [{"id": number, "seasonNumber": number, "status": int(self.status)} for number in self.seasons]
        user = {
            "id": self.user_id,
            "email": f"user{self.user_id}@example.org",
            "displayName": f"user{self.user_id}",
            "createdAt": "2026-01-01T00:00:00.000Z",
            "updatedAt": "2026-01-01T00:00:00.000Z",
        }
        return {
            "id": self.id,
            "status": int(self.status),
            "createdAt": _text(self.created),
            "updatedAt": _text(self.updated),
            "type": self.title.media_type,
            "is4k": bool(self.is_4k),
            "serverId": self.body.get("serverId"),
            "profileId": self.body.get("profileId"),
            "rootFolder": self.body.get("rootFolder"),
            "languageProfileId": self.body.get("languageProfileId"),
            "tags": None,
            "isAutoRequest": False,
            "media": self.title.dto(),
            "requestedBy": user,
            "modifiedBy": None,
            **({"seasons": seasons, "seasonCount": len(seasons)} if self.title.media_type == "tv" else {}),
        }


class Titles:
    """Thread-safe."""

    def __init__(self, record: Record, *, clock: Callable[[], float] = time.time) -> None:
        self._record = record
        self._clock = clock
        self._lock = threading.RLock()
        self._titles: dict[tuple[str, int], Title] = {}
        self._requests: dict[int, MediaRequest] = {}
        self._ids = itertools.count(1)

    def title(self, media_type: str, tmdb_id: int) -> Title:
        with self._lock:
            known = self._titles.get((media_type, tmdb_id))
            if known is None:
                known = self._titles[media_type, tmdb_id] = Title(len(self._titles) + 1, media_type, tmdb_id)
            return known

    def known(self, media_type: str, tmdb_id: int) -> Title | None:
        with self._lock:
            return self._titles.get((media_type, tmdb_id))

    def add(
        self,
        title: Title,
        *,
        is_4k: bool | None,
        user_id: int,
        seasons: Iterable[int],
        body: dict[str, Any],
        approve: bool,
    ) -> MediaRequest:
        """Stores a request; what would refuse it was looked at before, which is a race between two callers as at the real server."""
        now = self._clock()
        status = RequestStatus.APPROVED if approve else RequestStatus.PENDING
        with self._lock:
            made = MediaRequest(next(self._ids), title, is_4k, user_id, status, tuple(sorted(seasons)), body, now, now)
            self._requests[made.id] = made
            title.requests.append(made)
            title.status[bool(is_4k)] = MediaStatus.PROCESSING if approve else MediaStatus.PENDING
            made.approved = now if approve else None
        facts = {"media_type": title.media_type, "tmdb_id": title.tmdb_id, "is_4k": bool(is_4k)}
        self._record.add("request_created", id=made.id, seasons=list(made.seasons), **facts)
        return made

    def request(self, request_id: int) -> MediaRequest | None:
        with self._lock:
            return self._requests.get(request_id)

    def all(self) -> list[MediaRequest]:
        """The newest first."""
        with self._lock:
            return sorted(self._requests.values(), key=lambda one: one.id, reverse=True)

    def active(self, title: Title, is_4k: bool | None, over: Collection[RequestStatus]) -> list[MediaRequest]:
        """Those that stand in the way of another, in the order in which they came. `is_4k` None equals nothing, not even None."""
        with self._lock:
            same = [one for one in title.requests if is_4k is not None and one.is_4k == is_4k]
            return [one for one in same if one.status not in over]

    def set_status(self, request: MediaRequest, status: RequestStatus) -> None:
        with self._lock:
            now = self._clock()
            request.status, request.updated = status, now
            media = {RequestStatus.APPROVED: MediaStatus.PROCESSING, RequestStatus.DECLINED: MediaStatus.UNKNOWN}
            if status in media:
                request.title.status[bool(request.is_4k)] = media[status]
            request.approved = now if status is RequestStatus.APPROVED else request.approved
        self._record.add("request_changed", id=request.id, status=status.name.lower())

    def make_available(self, request: MediaRequest, *, completes: bool) -> None:
        """What Radarr and Sonarr do in the end. `completes`: the server has a status for that."""
        with self._lock:
            request.title.status[bool(request.is_4k)] = MediaStatus.AVAILABLE
            if completes:
                request.status, request.updated = RequestStatus.COMPLETED, self._clock()
        self._record.add("media_available", id=request.id)

    def delete(self, request: MediaRequest) -> None:
        with self._lock:
            del self._requests[request.id]
            request.title.requests.remove(request)
        self._record.add("request_deleted", id=request.id)

    def deliver(self, after_seconds: float, *, completes: bool) -> list[MediaRequest]:
        """Makes available what was approved so long ago; returns those."""
        with self._lock:
            before = self._clock() - after_seconds
            due = [
                one
                for one in self._requests.values()
                if one.status is RequestStatus.APPROVED
                and one.approved is not None
                and one.approved <= before
                and one.title.status[bool(one.is_4k)] is MediaStatus.PROCESSING
            ]
        for one in due:
            self.make_available(one, completes=completes)
        return due


def _text(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
