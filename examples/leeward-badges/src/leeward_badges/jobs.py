"""The jobs that other services enqueue."""

from datetime import timedelta
from typing import ClassVar

from pydantic import Field

from leeward import Job, Priority, SecretText


class IssueBadge(Job):
    """Prints a badge and lets it open the doors of some zones. Doing it twice prints two cards."""

    kind: ClassVar[str] = "badge.issue"
    version: ClassVar[int] = 1
    family: ClassVar[str] = "badge"
    marks_effect: ClassVar[bool] = True
    default_deadline: ClassVar[timedelta] = timedelta(hours=8)

    provider: str = "doors"
    person: str = Field(min_length=1)
    zones: tuple[str, ...] = Field(min_length=1)
    pin: SecretText


class RevokeBadge(Job):
    """A person's badges open nothing any more. Doing it twice is harmless."""

    kind: ClassVar[str] = "badge.revoke"
    version: ClassVar[int] = 1
    family: ClassVar[str] = "badge"
    idempotent: ClassVar[bool] = True
    default_priority: ClassVar[Priority] = Priority.INTERACTIVE

    provider: str = "doors"
    person: str = Field(min_length=1)
