"""Where the next page of a list of jobs begins."""

import base64
import binascii
import json
from dataclasses import dataclass
from typing import Self

from leeward.errors import Invalid
from leeward.status import JobState

Part = str | int | float | bool


class InvalidJobCursor(Invalid):
    """Raised for a text that no page has named as its `next`, or that belongs to a list of another state."""

    code = "invalid_job_cursor"

    def __init__(self, text: str) -> None:
        super().__init__(
            f"{text!r} is not where a page of this list ended: copy the `next` that the previous page named"
        )


@dataclass(frozen=True, slots=True)
class JobCursor:
    """The job after which a page continues. Valid as long as the fleet has its keys; what it names may have gone.

    Attributes:
        state: of the list.
        parts: its place, as the list knows it.
    """

    state: JobState
    parts: tuple[Part, ...]

    def __str__(self) -> str:
        text = json.dumps([self.state.value, *self.parts], separators=(",", ":"), ensure_ascii=False)
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")

    @classmethod
    def parsed(cls, text: str, state: JobState, shape: tuple[type[Part], ...]) -> Self:
        """The cursor of a text, for a list of this state whose places have parts of these types.

        Raises:
            InvalidJobCursor: it is none.
        """
        try:
            padded = text + "=" * (-len(text) % 4)
            found = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
            of, *parts = found
            if of != state.value or [type(part) for part in parts] != list(shape):
                raise InvalidJobCursor(text)
        except (ValueError, TypeError, binascii.Error):
            raise InvalidJobCursor(text) from None
        return cls(state, tuple(parts))
