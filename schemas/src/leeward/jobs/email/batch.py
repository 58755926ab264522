"""One message to many people, and what became of it for each."""

from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from leeward.jobs.email.address import Address
from leeward.jobs.email.mail import Mail


class BatchRecipient(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    to: Address
    values: dict[str, Any] = Field(default_factory=dict)
    """For the template; they come before those of the whole batch."""


class SendEmailBatch(Mail):
    """Sends one mail to each recipient, and ends when all have ended. Its result has the outcome of each.

    Each mail is a job `email.send` of its own, with its own attempts, deferrals and dead letter: one that fails keeps no other. Doing it
    twice sends no mail twice.
    """

    kind: ClassVar[str] = "email.batch"
    version: ClassVar[int] = 1
    family: ClassVar[str] = "batch"
    idempotent: ClassVar[bool] = True

    recipients: tuple[BatchRecipient, ...] = Field(min_length=1, max_length=500)

    @property
    def has_values(self) -> bool:
        return bool(self.values) or any(one.values for one in self.recipients)
