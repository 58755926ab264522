"""The `Retry-After` header (RFC 9110 §10.2.3): seconds, or a date."""

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

LONGEST = timedelta(days=7)
"""A longer wait is cut to this: it is never meant, and a typo must not hold a provider for years."""

_SECONDS = re.compile(r"[0-9]+")
_TOO_MANY_DIGITS = 10


def parse_retry_after(value: str | None, *, now: datetime) -> timedelta | None:
    """How long to wait, from zero to `LONGEST`; None when the header is absent or says nothing that RFC 9110 allows.

    Seconds may be padded with zeros (as in `005`). All three date formats of RFC 9110 §5.6.7 are read; a date that
    has passed is no wait at all.

    Args:
        value: the header as it came.
        now: the present moment, aware of its time zone.
    """
    text = (value or "").strip()
    if _SECONDS.fullmatch(text):
        digits = text.lstrip("0") or "0"
        return min(timedelta(seconds=int(digits)), LONGEST) if len(digits) < _TOO_MANY_DIGITS else LONGEST
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    if date.tzinfo is None:
        date = date.replace(tzinfo=UTC)
    return min(max(date - now, timedelta(0)), LONGEST)
