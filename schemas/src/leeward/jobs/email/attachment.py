"""A file that goes with a mail."""

from typing import Annotated, Self

from pydantic import Base64Bytes, BaseModel, ConfigDict, Field, model_validator

from leeward.jobs.download.file import Url
from leeward.jobs.email.header_text import UNWRITABLE

FileName = Annotated[
    str,
    Field(min_length=1, max_length=255, pattern=rf"^[^\s{UNWRITABLE}](?:[^{UNWRITABLE}]*[^\s{UNWRITABLE}])?$"),
]
"""Without a space at either end, which mail programs drop."""


class Attachment(BaseModel):
    """Its content is in the job itself, in a file of the workers' folder of attachments, or at a URL that their settings allow."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: FileName
    content_type: str = Field(default="application/octet-stream", pattern=r"^[a-z0-9.+-]{1,127}/[a-z0-9.+-]{1,127}$")
    """The length of each part is from RFC 6838 §4.2."""
    content: Base64Bytes | None = None
    """Base64 in JSON. A message to a worker is 256 KiB at most; name a `file` or a `url` for anything larger."""
    file: str | None = Field(default=None, min_length=1, max_length=1024, pattern=r"^[^\x00-\x1f\x7f\\]+$")
    """A path relative to the folder of attachments. It is read when the mail is sent."""
    url: Url | None = None
    """Fetched when the mail is sent. What is in its query is a secret in errors and logs."""
    sha256: str | None = Field(default=None, pattern=r"^[0-9a-f]{64}$")
    """Of what is named by `file` or `url`: with another content, the mail is refused."""

    @model_validator(mode="after")
    def _has_one_source(self) -> Self:
        if [self.content, self.file, self.url].count(None) != 2:  # noqa: PLR2004 # all but one
            raise ValueError("give one of content, file and url")
        if self.sha256 is not None and self.content is not None:
            raise ValueError("sha256 is for a file or a url")
        return self
