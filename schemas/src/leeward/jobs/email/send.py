"""The `email` family: one message to one or more people."""

from datetime import timedelta
from typing import Annotated, Any, ClassVar, Self

from pydantic import Base64Bytes, BaseModel, ConfigDict, Field, model_validator

from leeward.jobs.job import Job, ProviderName

_NEVER = r"@\s\x00-\x1f\x7f<>,;:\""
Address = Annotated[
    str,
    Field(
        min_length=3,
        max_length=320,
        pattern=rf"^(?:(?:[^{_NEVER}=]|=+[^{_NEVER}=?])+=*|=+)@[^{_NEVER}]+$",
    ),
]
"""A bare address, `user@host`: no display name, no line break and no `=?`, so that nothing can be injected into a header."""
_UNWRITABLE = r"\x00-\x1f\x7f-\x9f\u2028\u2029\ufdd0-\ufdef\ufffe\uffff"
HeaderText = Annotated[str, Field(max_length=998, pattern=rf"^[^{_UNWRITABLE}]*$")]
"""One line of text for a header (RFC 5322 §2.1.1 gives the length). Some readers break lines at U+0085, U+2028 and U+2029."""
FileName = Annotated[
    str,
    Field(min_length=1, max_length=255, pattern=rf"^[^\s{_UNWRITABLE}](?:[^{_UNWRITABLE}]*[^\s{_UNWRITABLE}])?$"),
]
"""Without a space at either end, which mail programs drop."""


class Attachment(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    name: FileName
    content_type: str = Field(default="application/octet-stream", pattern=r"^[a-z0-9.+-]{1,127}/[a-z0-9.+-]{1,127}$")
    """The length of each part is from RFC 6838 §4.2."""
    content: Base64Bytes
    """Base64 in JSON. A message is 256 KiB at most; send a link to anything larger."""


class SendEmail(Job):
    """Sends one mail per recipient, each in an envelope of its own.

    The body is `text`, `html`, both, or a `template` of the fleet with its `values`. Mail cannot be taken back: when a crash leaves
    the outcome unknown, the job is parked for a person instead of being sent again.
    """

    kind: ClassVar[str] = "email.send"
    version: ClassVar[int] = 1
    family: ClassVar[str] = "email"
    default_deadline: ClassVar[timedelta] = timedelta(days=5)
    """A mailbox may be full, or a relay put us off, for days (RFC 5321 §4.5.4.1). Give a deadline to what is of no use any more by then."""
    marks_effect: ClassVar[bool] = True

    provider: ProviderName = "smtp"
    to: tuple[Address, ...] = Field(min_length=1, max_length=50)
    subject: HeaderText = Field(min_length=1)
    text: str | None = None
    html: str | None = None
    template: str | None = Field(default=None, pattern=r"^[a-z0-9_-]{1,64}$")
    values: dict[str, Any] = Field(default_factory=dict)
    reply_to: Address | None = None
    attachments: tuple[Attachment, ...] = ()

    @model_validator(mode="after")
    def _has_one_kind_of_body(self) -> Self:
        written = self.text is not None or self.html is not None
        if written == (self.template is not None):
            raise ValueError("give either text and/or html, or a template with its values")
        if self.values and self.template is None:
            raise ValueError("values are for a template; give its name in `template`")
        return self
