"""One message to one or more people."""

from typing import ClassVar

from pydantic import Field

from leeward.jobs.email.address import Address
from leeward.jobs.email.mail import Mail


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
