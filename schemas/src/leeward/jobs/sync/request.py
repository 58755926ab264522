"""A movie or a series should be requested at a request manager."""

from enum import StrEnum
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from leeward.jobs.job import Job, ProviderName

_Number = Annotated[int, Field(ge=0, lt=2**53)]


class MediaType(StrEnum):
    MOVIE = "movie"
    TV = "tv"


class SyncRequest(Job):
    """Sees that a title is requested. What is requested or available already is left as it is, so doing it twice is doing it once.

    Its result has `outcome`: `created`, `adopted` (there was such a request), `available` (there is nothing to request) or
    `not_requestable` (of a series: every season is covered); and, where there is one, the request: `request_id`, `status`,
    `media_status`, `media_type`, `tmdb_id`, `is_4k`, `seasons`.
    """

    kind: ClassVar[str] = "sync.request"
    version: ClassVar[int] = 1
    family: ClassVar[str] = "request"
    idempotent: ClassVar[bool] = True

    provider: ProviderName = "seerr"
    media_type: MediaType
    tmdb_id: int = Field(ge=1, lt=2**53)
    is_4k: bool = False
    seasons: Annotated[tuple[_Number, ...], Field(min_length=1, max_length=500)] | Literal["all"] | None = None
    """Of a series; all of them when absent."""
    tvdb_id: _Number | None = None
    user_id: int | None = Field(default=None, ge=1, lt=2**53)
    """For whom; the server's own number."""
    server_id: _Number | None = None
    profile_id: _Number | None = None
    root_folder: str | None = Field(default=None, min_length=1, max_length=1024)
    language_profile_id: _Number | None = None

    @model_validator(mode="after")
    def _has_what_its_type_has(self) -> Self:
        if self.media_type is MediaType.MOVIE and (self.seasons is not None or self.tvdb_id is not None):
            raise ValueError("a movie has no seasons and no tvdb_id: leave them out, or set media_type to tv")
        return self
