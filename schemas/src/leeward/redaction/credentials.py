"""The credentials that this process uses itself: a provider may echo them in its errors."""

import re
from collections.abc import Iterable

from leeward.jobs.secret import REDACTED
from leeward.redaction.forms import LONG_ENOUGH, finder

_known: set[str] = set()
_finder: re.Pattern[str] | None = None


def hide_credentials(credentials: Iterable[str]) -> None:
    """Hides these values from now on wherever this process writes text for people. Shorter ones than four characters are left alone: they
    are part of almost every text.
    """
    global _finder  # noqa: PLW0603 # one list for a process, as its log is one
    _known.update(value for value in credentials if len(value) >= LONG_ENOUGH)
    _finder = finder(_known)


def without_credentials(text: str) -> str:
    """The text without this process's own credentials."""
    return text if _finder is None else _finder.sub(REDACTED, text)
