"""The `Content-Range` field (RFC 9110 §14.4)."""

import re
from dataclasses import dataclass

_RANGE = re.compile(
    r"bytes +(?:(?P<first>\d{1,18})-(?P<last>\d{1,18})|\*)/(?P<total>\d{1,18}|\*)", re.ASCII | re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class ContentRange:
    """Which bytes an answer holds.

    Attributes:
        first, last: both inclusive, as on the wire; both None when the range was not satisfiable (`bytes */L`).
        total: the whole file's length; None when the server does not know it.
    """

    first: int | None
    last: int | None
    total: int | None

    @property
    def length(self) -> int:
        """How many bytes the answer holds."""
        return 0 if self.first is None or self.last is None else self.last - self.first + 1


def parse_content_range(value: str | None) -> ContentRange | None:
    """Reads the field; None when it is absent, in another unit, or invalid (last before first, or beyond the total)."""
    match = _RANGE.fullmatch(value.strip()) if value else None
    if match is None:
        return None
    first, last, total = (_number(match[name]) for name in ("first", "last", "total"))
    if first is None or last is None:
        return None if total is None else ContentRange(None, None, total)
    if last < first or (total is not None and last >= total):
        return None
    return ContentRange(first, last, total)


def _number(digits: str | None) -> int | None:
    return None if digits in (None, "*") else int(digits)
