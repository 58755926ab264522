"""The `media` family: what a page shows or plays should be in the library."""

from enum import StrEnum
from typing import ClassVar

from pydantic import Field

from leeward.jobs.download.file import DEFAULT_SIZE_LIMIT_BYTES, Url
from leeward.jobs.job import Job, ProviderName


class Container(StrEnum):
    """What a film's streams are put into, without encoding them again."""

    MKV = "mkv"
    MP4 = "mp4"
    WEBM = "webm"


class DownloadMedia(Job):
    """Downloads the film, episode or recording of a page with yt-dlp, and puts it into the fleet's media folder when it is complete.

    Doing it twice is doing it once: what an earlier delivery brought from this page to this destination is not requested again.
    """

    kind: ClassVar[str] = "download.media"
    version: ClassVar[int] = 1
    family: ClassVar[str] = "media"
    idempotent: ClassVar[bool] = True

    provider: ProviderName = "ytdlp"
    url: Url
    """The page of one film, not of a list."""
    destination: str = Field(min_length=1, max_length=1000, pattern=r"^[^\x00-\x1f\x7f\\]+$")
    """Where it is put, relative to the media folder and without the extension, which depends on what the page offers:
    `Films/Sintel (2010)/Sintel (2010)`.
    """
    format: str | None = Field(default=None, min_length=1, max_length=500, pattern=r"^[^\x00-\x1f\x7f]+$")
    """Which of the offered formats, in yt-dlp's own words, as `bv*[height<=1080]+ba/b`. None: the best."""
    container: Container | None = None
    """Which container the file has in the end; it then needs ffmpeg. None: as the page offers it."""
    size_limit_bytes: int = Field(default=DEFAULT_SIZE_LIMIT_BYTES, gt=0)
