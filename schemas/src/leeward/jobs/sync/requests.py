"""What a request manager says of its requests should be known."""

from typing import Annotated, ClassVar

from pydantic import Field

from leeward.jobs.job import Job, ProviderName


class SyncRequests(Job):
    """Reads the statuses of requests that are not over, and emits an event for each change. The fleet does this by itself at regular times;
    a job of this kind does it now.

    Its result counts: `checked`, `changed`, `discovered`, `gone`; and has `failed`: request id -> why it could not be read.
    """

    kind: ClassVar[str] = "sync.requests"
    version: ClassVar[int] = 1
    family: ClassVar[str] = "requests"
    idempotent: ClassVar[bool] = True

    provider: ProviderName = "seerr"
    request_ids: tuple[Annotated[int, Field(ge=1, lt=2**53)], ...] = Field(default=(), max_length=40)
    """Only these; all that are open when empty."""
