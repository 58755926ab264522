"""Whether an account's time is over."""

from enum import StrEnum


class AccountState(StrEnum):
    ACTIVE = "active"
    EXPIRED = "expired"
    """Its job to disable it has been asked for."""
