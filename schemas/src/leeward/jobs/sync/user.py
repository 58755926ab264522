"""The `sync` family: an account at a media server should be so."""

from enum import StrEnum
from typing import Annotated, Any, ClassVar

from pydantic import AwareDatetime, Field

from leeward.jobs.job import Job, ProviderName
from leeward.jobs.secret import SecretText

UserName = Annotated[str, Field(min_length=1, max_length=255, pattern=r"^[\w\-'._@+]([\w \-'._@+]*[\w\-'._@+])?$")]
"""Jellyfin's own rule for names, so that its 400 can only mean a duplicate."""
Policy = Annotated[dict[str, Any], Field(max_length=64)]
"""Fields of the provider's own access policy -> JSON values, as `{"EnableAllFolders": false}`. The others stay as they are."""


class UserState(StrEnum):
    ENABLED = "enabled"
    """There is such an account and it may be used; it is created when missing."""
    DISABLED = "disabled"
    """There is such an account and it may not be used; a missing one is left missing."""
    DELETED = "deleted"
    """There is no such account. Workers of a release before this state refuse the job: deploy them first."""


class SyncUser(Job):
    """Brings one user's account at a provider into the desired state. Doing it twice is doing it once."""

    kind: ClassVar[str] = "sync.user"
    version: ClassVar[int] = 1
    family: ClassVar[str] = "sync"
    idempotent: ClassVar[bool] = True

    provider: ProviderName = "jellyfin"
    user: UserName
    state: UserState = UserState.ENABLED
    password: SecretText | None = None
    """Set on the account when given. Left alone when not, except that a new account then gets a random one."""
    expires_at: AwareDatetime | None = None
    """When the account is to be disabled by itself."""
    policy: Policy | None = None
    """What the account may do, changed before its password is set. Whether it is enabled or an administrator cannot be said here."""
    create: bool | None = None
    """Whether a missing account is created; by default for `enabled` only."""
    take_over: bool | None = None
    """Whether an account that stands may be taken over though someone has signed in to it: yes, unless this is False. Say so where
    strangers choose the name.
    """
