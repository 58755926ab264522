"""The `sync` family: an account at a media server should be so."""

from enum import StrEnum
from typing import ClassVar

from pydantic import AwareDatetime, Field

from leeward.jobs.job import Job, ProviderName
from leeward.jobs.secret import SecretText


class UserState(StrEnum):
    ENABLED = "enabled"
    """There is such an account and it may be used; it is created when missing."""
    DISABLED = "disabled"
    """There is such an account and it may not be used; a missing one is left missing."""


class SyncUser(Job):
    """Brings one user's account at a provider into the desired state. Doing it twice is doing it once."""

    kind: ClassVar[str] = "sync.user"
    version: ClassVar[int] = 1
    family: ClassVar[str] = "sync"
    idempotent: ClassVar[bool] = True

    provider: ProviderName = "jellyfin"
    # Jellyfin's own rule for names, so that its 400 can only mean a duplicate.
    user: str = Field(min_length=1, max_length=255, pattern=r"^[\w\-'._@+]([\w \-'._@+]*[\w\-'._@+])?$")
    state: UserState = UserState.ENABLED
    password: SecretText | None = None
    """Set on the account when given. Left alone when not, except that a new account then gets a random one."""
    expires_at: AwareDatetime | None = None
    """When the account is to be disabled by itself."""
