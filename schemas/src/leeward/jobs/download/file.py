"""The `download` family: a file should be there."""

from typing import Annotated, ClassVar

from pydantic import Field, GetPydanticSchema, HttpUrl
from pydantic_core import core_schema

from leeward.jobs.job import Job, ProviderName

DEFAULT_SIZE_LIMIT_BYTES = 10 * 1024**3
Url = Annotated[
    str,
    GetPydanticSchema(
        lambda _, schema_of: core_schema.no_info_after_validator_function(
            str, schema_of.generate_schema(HttpUrl), serialization=core_schema.to_string_ser_schema()
        )
    ),
]
"""Validated and normalised as `HttpUrl`, but a `str`: what a producer has, and what a type checker accepts."""
MOST_MIRRORS = 16
_NAME = r"[A-Za-z0-9!#$&^_.+-]+"
ContentType = Annotated[str, Field(pattern=rf"^({_NAME}/({_NAME}|\*)|\*/\*)$", max_length=127)]
"""A media type, or all of one kind (RFC 9110 §12.5.1, without parameters)."""


class DownloadFile(Job):
    """Downloads `url` to `destination`, a path relative to the fleet's download folder. A complete file appears at once or not at all."""

    kind: ClassVar[str] = "download.file"
    version: ClassVar[int] = 1
    family: ClassVar[str] = "download"
    idempotent: ClassVar[bool] = True

    provider: ProviderName = "http"
    url: Url
    destination: str = Field(min_length=1, max_length=1024, pattern=r"^[^\x00-\x1f\x7f\\]+$")
    size_bytes: int | None = Field(default=None, ge=0)
    """Refused when the file has another size."""
    sha256: str | None = Field(default=None, pattern=r"^[0-9a-f]{64}$")
    size_limit_bytes: int = Field(default=DEFAULT_SIZE_LIMIT_BYTES, gt=0)
    """Refused when the file is larger, as it comes or after its decompression."""
    mirrors: tuple[Url, ...] | None = Field(default=None, max_length=MOST_MIRRORS)
    """Other URLs of the same file, tried in this order where `url` does not bring it. With `sha256`, one continues what another began."""
    content_types: tuple[ContentType, ...] | None = Field(default=None, min_length=1, max_length=32)
    """What the host may say the file is, as `video/mp4` or `video/*`. None: as the provider's settings say."""
