"""How far an account and its end are known at the provider."""

from enum import StrEnum


class AccountState(StrEnum):
    PENDING_SYNC = "pending_sync"
    """Noted before its job asked the provider; the provider's answer is not known yet."""
    ACTIVE = "active"
    """The provider said that it is enabled."""
    EXPIRING = "expiring"
    """Its end has come, and a job to disable it has been asked for. The provider has not confirmed it."""
    DISABLED = "disabled"
    """The provider said that it is disabled."""
    FAILED = "failed"
    """Its end has come, and the latest job to disable it ended without success, or could not be asked for. It is asked for again."""
    EXPIRED = "expired"
    """As an earlier release wrote `expiring`."""

    @property
    def shown(self) -> "AccountState":
        return AccountState.EXPIRING if self is AccountState.EXPIRED else self
