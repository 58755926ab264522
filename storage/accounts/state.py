"""How far an account and its end are known at the provider."""

from enum import StrEnum


class Wanted(StrEnum):
    """What was decided here: at once, whether or not the provider can be reached."""

    ENABLED = "enabled"
    DISABLED = "disabled"


class AccountState(StrEnum):
    PENDING_SYNC = "pending_sync"
    """What was decided here is not known to be so at the provider: it was not asked yet, has not answered, or cannot be reached."""
    ACTIVE = "active"
    """The provider said that it is enabled."""
    EXPIRING = "expiring"
    """Its end has come, and a job to disable it has been asked for. The provider has not confirmed it."""
    DISABLED = "disabled"
    """The provider said that it is disabled."""
    FAILED = "failed"
    """The latest job to bring about what is wanted ended without success, or could not be asked for. It is asked for again."""
    EXPIRED = "expired"
    """As an earlier release wrote `expiring`."""

    @property
    def shown(self) -> "AccountState":
        return AccountState.EXPIRING if self is AccountState.EXPIRED else self


class AccountStep(StrEnum):
    """What happened to an account, as its record says. Later releases may write others."""

    NOTED = "noted"
    """A job brought an end, or another one. Detail: `expires_at`, `wanted`."""
    REGISTERED = "registered"
    """Detail: `key` of the registration, `wanted`."""
    DISABLED_HERE = "disabled_here"
    """Its end has come and its provider cannot be reached. Detail: `why`."""
    ASKED = "asked"
    """A job was enqueued. Detail: `job`, `wanted`."""
    TRIED = "tried"
    """The provider was asked, and failed. Detail: `attempt`, `error`."""
    FAILED = "failed"
    """A job ended without success, or could not be enqueued. Detail: `error`."""
    CONFIRMED = "confirmed"
    """The provider said what is so. Detail: `state`."""
    DELETED = "deleted"
    """The provider has no such account any more, and the book neither."""
    EXTENDED = "extended"
    """Detail: `from`, `to`."""
    APPROVED = "approved"
    """A registration was approved and its provider has confirmed it. Detail: `job`."""
    APPROVED_HERE = "approved_here"
    """A registration was approved, and its provider has not confirmed it. Detail: `why`, `job`."""
    REFUSED = "refused"
    """A registration was refused by its provider. Detail: `why`."""
