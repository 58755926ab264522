"""What the file host offers under one path, and how well it keeps to RFC 9110."""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from simulators.files.content import sha256_of


class Validator(StrEnum):
    """What the `ETag` is like."""

    STRONG = "strong"
    WEAK = "weak"
    NONE = "none"


class Ranges(StrEnum):
    """What becomes of a `Range`."""

    HONOURED = "honoured"
    IGNORED = "ignored"
    """The whole file, 200."""
    SHIFTED = "shifted"
    """A range that begins one byte too late, and says so."""
    UNLABELLED = "unlabelled"
    """206 without a `Content-Range`."""
    TOTALLESS = "totalless"
    """`Content-Range: bytes a-b/*`."""
    UNASKED = "unasked"
    """206 with the second half, whatever was asked for."""
    REFUSED = "refused"
    """416 without a `Content-Range`."""


class Framing(StrEnum):
    """How the end of a body is marked."""

    LENGTH = "length"
    CHUNKED = "chunked"
    CLOSE = "close"
    """By closing the connection, as HTTP/1.0 does: a cut body cannot be distinguished from a complete one."""


class PublishedFile(BaseModel):
    """One file. Every field can also be given in the query of a `/bytes/` URL."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    size: int = Field(default=0, ge=0)
    seed: str = "0"
    validator: Validator = Validator.STRONG
    ranges: Ranges = Ranges.HONOURED
    framing: Framing = Framing.LENGTH
    heeds_if_range: bool = True
    """When not, an old version's tag still gets a range, of the new version."""
    tags_pieces: bool = True
    """When not, a 206 has no `ETag`."""
    versions: tuple[str, ...] = ()
    """The seeds of the next requests' contents, one each; the last one stays. Empty: `seed` for ever."""
    piece_bytes: int | None = Field(default=None, ge=1)
    """The longest range that one answer holds."""
    close_after_bytes: int | None = Field(default=None, ge=0)
    """The body ends here, with an orderly close, whatever was announced."""
    surplus_bytes: int = 0
    """How many bytes more than its `Content-Range` says are in a body; fewer, when negative."""
    bytes_per_second: int | None = Field(default=None, ge=1)
    encoding: str | None = None
    """`Content-Encoding`, a lie: the bytes stay as they are."""
    location: str | None = None
    """Redirects there, instead of any file."""
    redirect_status: int = 302

    def version(self, request_number: int) -> str:
        """The seed of the content that the n-th request gets, counted from 0."""
        return self.versions[min(request_number, len(self.versions) - 1)] if self.versions else self.seed

    def etag(self, seed: str) -> str | None:
        tag = f'"{seed}-{self.size}"'
        return {Validator.STRONG: tag, Validator.WEAK: f"W/{tag}", Validator.NONE: None}[self.validator]

    def sha256(self, request_number: int = 0) -> str:
        return sha256_of(self.version(request_number), self.size)
