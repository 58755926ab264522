"""The `sync` family: a collection at a media server should hold some items."""

from typing import Annotated, ClassVar, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from leeward.jobs.job import Job, ProviderName
from leeward.jobs.sync.library import SectionName, ServerPath

MOST_ITEMS = 200
Title = Annotated[str, Field(min_length=1, max_length=255, pattern=r"^[^\x00-\x1f\x7f]*\S[^\x00-\x1f\x7f]*$")]
Guid = Annotated[str, Field(max_length=255, pattern=r"^[a-z][a-z0-9+.-]*://[\x21-\x7e]+$")]
"""What a database of films calls it, as `imdb://tt1727587`, `tmdb://45745` or `tvdb://81189`."""


class CollectionItem(BaseModel):
    """A film or a show, named in one way: by `id`, `guid` or `path`, or by `title`, with its `year` where there may be several."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str | None = Field(default=None, pattern=r"^[0-9A-Za-z-]{1,64}$")
    """The server's own."""
    guid: Guid | None = None
    path: ServerPath | None = None
    """Of its file, or of a folder that it is in."""
    title: Title | None = None
    year: int | None = Field(default=None, ge=1800, le=9999)

    @model_validator(mode="after")
    def _is_named_in_one_way(self) -> Self:
        if sum(way is not None for way in (self.id, self.guid, self.path, self.title)) != 1:
            raise ValueError("name it by one of id, guid, path and title")
        if self.year is not None and self.title is None:
            raise ValueError("a year goes with a title")
        return self


class SyncCollection(Job):
    """Brings items into a collection, which is made when there is none of that title. Others that are in it stay.

    An item that the server does not know yet, as it has not looked at its folder, is waited for as long as the job is tried. Doing it twice
    is doing it once.
    """

    kind: ClassVar[str] = "sync.collection"
    version: ClassVar[int] = 1
    family: ClassVar[str] = "collection"
    idempotent: ClassVar[bool] = True

    provider: ProviderName = "plex"
    section: SectionName
    title: Title
    items: tuple[CollectionItem, ...] = Field(min_length=1, max_length=MOST_ITEMS)
