"""The `download` family: a file should be there."""

from typing import ClassVar

from pydantic import Field, HttpUrl

from leeward.job import PROVIDER_PATTERN, Job

DEFAULT_SIZE_LIMIT_BYTES = 10 * 1024**3


class DownloadFile(Job):
    """Downloads `url` to `destination`, a path relative to the fleet's download folder. A complete file appears at once or not at all."""

    kind: ClassVar[str] = "download.file"
    version: ClassVar[int] = 1
    family: ClassVar[str] = "download"
    idempotent: ClassVar[bool] = True

    provider: str = Field(default="http", pattern=PROVIDER_PATTERN)
    url: HttpUrl
    destination: str = Field(min_length=1, max_length=1024, pattern=r"^[^\x00-\x1f\x7f\\]+$")
    size_bytes: int | None = Field(default=None, ge=0)
    """Refused when the file has another size."""
    sha256: str | None = Field(default=None, pattern=r"^[0-9a-f]{64}$")
    size_limit_bytes: int = Field(default=DEFAULT_SIZE_LIMIT_BYTES, gt=0)
