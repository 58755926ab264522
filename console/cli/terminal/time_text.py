"""Points in time and spans as people read them."""

from datetime import UTC, datetime, timedelta


def when(instant: datetime) -> str:
    """To the second, in UTC."""
    return f"{instant.astimezone(UTC):%Y-%m-%d %H:%M:%S}Z"


def relative(instant: datetime, now: datetime) -> str:
    """How long ago, or in how long: `3m ago`, `in 2h`, `now`."""
    span = instant - now
    if abs(span) < timedelta(seconds=1):
        return "now"
    return f"in {span_text(span)}" if span > timedelta(0) else f"{span_text(-span)} ago"


def span_text(span: timedelta) -> str:
    """Roughly how long ago, in its largest unit, rounded down: `40s`, `3h`, `12d`."""
    seconds = max(0, int(span.total_seconds()))
    for unit, length in (("d", 86_400), ("h", 3_600), ("m", 60)):
        if seconds >= length:
            return f"{seconds // length}{unit}"
    return f"{seconds}s"
