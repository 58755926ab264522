"""Rule: the attempts of a job that failed, as they travel with it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from broker.fleet.jobs.listed_job import at

__all__ = ["PastAttempt", "past_attempts"]


@dataclass(frozen=True, slots=True)
class PastAttempt:
    """Attributes:
    at: when it failed.
    delivery: its number among all deliveries.
    type: of its error.
    message: of its error.
    code: of its error, where that was a provider's.
    """

    at: datetime | None
    delivery: int | None
    type: str | None
    message: str | None
    code: str | None = None


def past_attempts(options: Mapping[str, Any] | None) -> list[PastAttempt]:
    """The latest ten at most, from the options of a message, the earliest first."""
    errors = (options or {}).get("errors")
    found = errors if isinstance(errors, list) else []
    return [
        PastAttempt(at(error.get("at")), *(error.get(name) for name in ("delivery", "type", "message", "code")))
        for error in found
        if isinstance(error, dict)
    ]
