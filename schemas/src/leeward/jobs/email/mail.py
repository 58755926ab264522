"""What a mail says, to whomever it goes."""

from datetime import timedelta
from typing import Any, ClassVar, Self

from pydantic import Field, model_validator

from leeward.jobs.email.address import Address
from leeward.jobs.email.attachment import Attachment
from leeward.jobs.email.header_text import HeaderText
from leeward.jobs.job import Job, ProviderName


class Mail(Job):
    """The body is `text`, `html`, both, or a `template` of the fleet with its `values`."""

    default_deadline: ClassVar[timedelta] = timedelta(days=5)
    """A mailbox may be full, or a relay put us off, for days (RFC 5321 §4.5.4.1). Give a deadline to what is of no use any more by then."""

    provider: ProviderName = "smtp"
    subject: HeaderText = Field(min_length=1)
    text: str | None = None
    html: str | None = None
    template: str | None = Field(default=None, pattern=r"^[a-z0-9_-]{1,64}$")
    values: dict[str, Any] = Field(default_factory=dict)
    reply_to: Address | None = None
    attachments: tuple[Attachment, ...] = ()

    @property
    def has_values(self) -> bool:
        """Whether there are values that only a template can use."""
        return bool(self.values)

    @model_validator(mode="after")
    def _has_one_kind_of_body(self) -> Self:
        written = self.text is not None or self.html is not None
        if written == (self.template is not None):
            raise ValueError("give either text and/or html, or a template with its values")
        if self.has_values and self.template is None:
            raise ValueError("values are for a template; give its name in `template`")
        return self
