"""The `notify` family: a signed webhook."""

from datetime import timedelta
from typing import Any, ClassVar, Self

from pydantic import AwareDatetime, Field, model_validator

from leeward.jobs.download.file import Url
from leeward.jobs.job import Job, ProviderName
from leeward.jobs.secret import SecretText

DEFAULT_DEADLINE = timedelta(days=3)


class NotifyWebhook(Job):
    """Posts an event, signed as Standard Webhooks 1.0.0 says, until the receiver takes it.

    The receiver may get it more than once, always with the same `webhook-id`, by which it recognises repetitions.
    """

    kind: ClassVar[str] = "notify.webhook"
    version: ClassVar[int] = 1
    family: ClassVar[str] = "notify"
    idempotent: ClassVar[bool] = True
    default_deadline: ClassVar[timedelta] = DEFAULT_DEADLINE
    """Standard Webhooks recommends to try for days. Give a deadline to what is of no use any more by then."""

    provider: ProviderName = "webhook"
    event: str = Field(min_length=1, max_length=255, pattern=r"^[a-zA-Z0-9_]+(\.[a-zA-Z0-9_]+)*$")
    """The `type` of the payload, as `user.created`."""
    data: dict[str, Any] = Field(default_factory=dict)
    """The `data` of the payload; 20 kB at most are recommended."""
    occurred_at: AwareDatetime | None = None
    """The `timestamp` of the payload; None for when the job was enqueued."""
    url: Url | None = None
    """Where to, for an instance that has no `url` of its own."""
    secret: SecretText | None = None
    """What the receiver at `url` verifies with, as `whsec_...`."""

    @model_validator(mode="after")
    def _names_a_secret_for_its_url(self) -> Self:
        if (self.url is None) != (self.secret is None):
            raise ValueError(
                "give both url and secret, for a receiver of its own, or neither: each receiver has a secret of its own"
            )
        return self
