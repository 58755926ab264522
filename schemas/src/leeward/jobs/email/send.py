"""One message to one or more people."""

from typing import ClassVar

from pydantic import Field

from leeward.jobs.email.address import Address
from leeward.jobs.email.mail import Mail

_TRIAL = """This is a test mail: an operator wants to know whether {provider} takes mail.

It came through a worker and the relay, as every mail of the fleet does. Nothing needs to be done.
"""


class SendEmail(Mail):
    """Sends one mail per recipient, each in an envelope of its own.

    The body is `text`, `html`, both, or a `template` of the fleet with its `values`. Mail cannot be taken back: when a crash leaves
    the outcome unknown, the job is parked for a person instead of being sent again.
    """

    kind: ClassVar[str] = "email.send"
    version: ClassVar[int] = 1
    family: ClassVar[str] = "email"
    marks_effect: ClassVar[bool] = True

    to: tuple[Address, ...] = Field(min_length=1, max_length=50)

    @classmethod
    def trial(cls, provider: str, to: str | None) -> "SendEmail":
        """A mail that says what it is."""
        if to is None:
            raise ValueError("name the address that a test mail is for")
        return cls(provider=provider, to=(to,), subject="Test mail from Leeward", text=_TRIAL.format(provider=provider))
