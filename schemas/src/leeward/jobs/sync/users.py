"""The `sync` family: a set of accounts at a media server should be so."""

from typing import ClassVar, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from leeward.jobs.job import Job, ProviderName
from leeward.jobs.secret import SecretText
from leeward.jobs.sync.user import Policy, SyncUser, UserName, UserState

LONGEST = 100
"""A job emits at most a hundred events, one for each account that it disables."""


class UserEntry(BaseModel):
    """One account of the set. Its fields are those of `SyncUser`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    user: UserName
    state: UserState = UserState.ENABLED
    password: SecretText | None = None
    expires_at: AwareDatetime | None = None
    policy: Policy | None = None
    create: bool | None = None
    take_over: bool | None = None

    def job(self, provider: str) -> SyncUser:
        """The same as a job of its own."""
        return SyncUser(provider=provider, **{name: getattr(self, name) for name in type(self).model_fields})


class SyncUsers(Job):
    """Brings a set of accounts at one provider into their states, five after five, each on its own: one that fails keeps no other.

    An account that fails for now is handed on to a `sync.user` job of its own, which is tried as any; one that is refused for good is named
    in the result. The job itself fails only where the provider does. Doing it twice is doing it once.
    """

    kind: ClassVar[str] = "sync.users"
    version: ClassVar[int] = 1
    family: ClassVar[str] = "users"
    idempotent: ClassVar[bool] = True

    provider: ProviderName = "jellyfin"
    users: tuple[UserEntry, ...] = Field(min_length=1, max_length=LONGEST)
    """Each name once, in any case. Larger sets are several jobs, which `enqueue_batch` counts together."""

    @model_validator(mode="after")
    def _names_each_once(self) -> Self:
        names = [entry.user.casefold() for entry in self.users]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"each account once; these are there more often: {', '.join(twice[:5])}")
        return self
