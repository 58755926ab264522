"""What a call shows about the provider."""

from enum import StrEnum


class Call(StrEnum):
    OK = "ok"
    """It answered, be it with a refusal."""
    FAILED = "failed"
    """It did not answer, or said that it cannot."""
