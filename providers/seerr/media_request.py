"""What we read of a request. Unknown fields are left alone: the published documents name only some of those that are sent."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

from providers.seerr.statuses import OVER, is_number, media_status, request_status


class NoRequest(ValueError):
    """Raised when what the server calls a request is none."""


@dataclass(frozen=True, slots=True)
class MediaRequest:
    """One request, of one quality.

    Attributes:
        status: `pending`, `approved`, `declined`, `failed`, `completed`, or `status_<number>`.
        media_status: of the media in this request's quality: `unknown`, `pending`, `processing`, `partially_available`, `available`,
            `blocklisted`, `deleted`, or `status_<number>`.
        media_type: `movie` or `tv`; empty where the server does not say.
        tmdb_id: None where the server does not say.
        seasons: of a series, those that were asked for.
    """

    id: int
    status: str
    media_status: str
    media_type: str
    tmdb_id: int | None
    is_4k: bool
    seasons: tuple[int, ...] = ()

    @classmethod
    def from_dto(cls, dto: Any, media: Mapping[str, Any] | None = None) -> Self:
        """Reads a MediaRequest of either server.

        Args:
            dto: as it came.
            media: the media whose list it was in; its own counts first.

        Raises:
            NoRequest: it has no id or no status.
        """
        found = dto if isinstance(dto, dict) else {}
        if not (is_number(found.get("id")) and is_number(found.get("status"))):
            raise NoRequest
        of = found["media"] if isinstance(found.get("media"), dict) else media or {}
        is_4k = found.get("is4k") is True
        kind = found.get("type") or of.get("mediaType")
        tmdb_id = of.get("tmdbId")
        return cls(
            id=found["id"],
            status=request_status(found["status"]),
            media_status=media_status(of.get("status4k" if is_4k else "status")),
            media_type=kind if kind in {"movie", "tv"} else "",
            tmdb_id=tmdb_id if is_number(tmdb_id) else None,
            is_4k=is_4k,
            seasons=_seasons(found.get("seasons")),
        )

    @property
    def is_over(self) -> bool:
        return self.status in OVER

    def facts(self) -> dict[str, Any]:
        """As a job's result has it."""
        found = asdict(self)
        return {"request_id": found.pop("id"), **found, "seasons": list(self.seasons)}


@dataclass(frozen=True, slots=True)
class Media:
    """What the server knows of one movie or series, in one quality.

    Attributes:
        status: see `MediaRequest.media_status`.
        requests: of this quality, the newest first.
    """

    status: str
    requests: tuple[MediaRequest, ...] = ()

    @classmethod
    def from_details(cls, details: Any, *, is_4k: bool) -> Self:
        """Reads the `mediaInfo` of `GET /movie/{id}` or `GET /tv/{id}`; media that was never requested has none.

        Raises:
            NoRequest: these are no details.
        """
        if not isinstance(details, dict) or not is_number(details.get("id")):
            raise NoRequest
        info = details.get("mediaInfo")
        if not isinstance(info, dict):
            return cls("unknown")
        listed = info.get("requests")
        found = [MediaRequest.from_dto(one, info) for one in (listed if isinstance(listed, list) else [])]
        mine = sorted((one for one in found if one.is_4k == is_4k), key=lambda one: one.id, reverse=True)
        return cls(media_status(info.get("status4k" if is_4k else "status")), tuple(mine))


def _seasons(listed: object) -> tuple[int, ...]:
    found = listed if isinstance(listed, list) else []
    numbers = (one.get("seasonNumber") for one in found if isinstance(one, dict))
    return tuple(sorted(number for number in numbers if isinstance(number, int) and is_number(number)))
