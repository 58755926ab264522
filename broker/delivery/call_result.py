"""What a call shows about the provider."""

from enum import StrEnum


class CallResult(StrEnum):
    OK = "ok"
    """It answered, be it with a refusal."""
    FAILED = "failed"
    """It did not answer, or said that it cannot."""
