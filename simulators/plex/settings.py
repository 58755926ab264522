"""How a simulated Plex Media Server is set up, and what lies in its folders."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict


class Media(BaseModel):
    """A file, or an episode's file of a show, as it lies in a folder of a section: a scan makes an item of it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    section: str
    title: str
    path: str
    year: int | None = None
    guids: list[str] = []
    episode: str | None = None
    """Of a show: the title of the episode whose file it is."""


class SectionSettings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    key: str
    title: str
    type: Literal["movie", "show", "artist"] = "movie"
    locations: list[str]


class Settings(BaseModel):
    """`page_limit` is the most items that a page has, whatever was asked for; `says_total` whether pages say how many there are."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    token: str = "simulated-plex-token"
    shared_tokens: list[str] = []
    """Of people who do not own the server: they may look, and change nothing."""
    machine: str = "0123456789abcdef0123456789abcdef01234567"
    version: str = "1.43.2.10687-563d026ea"
    sections: list[SectionSettings] = [
        SectionSettings(key="1", title="Movies", locations=["/media/films"]),
        SectionSettings(key="2", title="TV Shows", type="show", locations=["/media/shows"]),
    ]
    media: list[Media] = []
    scan_seconds: float = 0.0
    scan_begins_after_seconds: float = 0.0
    maintenance: bool = False
    page_limit: int | None = None
    says_total: bool = True
    older_paths: bool = False
    """Whether a collection's items are at `children` alone."""
    answers_create: bool = True
    """Whether the answer to making a collection says which."""

    def changed(self, settings: dict[str, Any]) -> "Settings":
        return Settings.model_validate(self.model_dump() | settings)
