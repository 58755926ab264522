"""The jobs that bring about what the account book wants."""

from datetime import datetime
from typing import Protocol

from leeward.jobs.sync.user import SyncUser, UserState


class Decided(Protocol):
    """An account of the book. `wanted` is `enabled` or `disabled`."""

    @property
    def provider(self) -> str: ...
    @property
    def user(self) -> str: ...
    @property
    def wanted(self) -> str: ...


def job_for(account: Decided, *, expires_at: datetime | None = None) -> SyncUser:
    """The job for one account. One that is missing is not created: its password and policy are those of the job that was to do it."""
    state = UserState(str(account.wanted))
    create = False if state is UserState.ENABLED else None
    return SyncUser(provider=account.provider, user=account.user, state=state, create=create, expires_at=expires_at)
