"""What a mail says."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Body:
    """The text, the HTML, or both as alternatives of each other."""

    text: str | None
    html: str | None
