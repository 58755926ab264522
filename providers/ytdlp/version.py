"""Which yt-dlp is installed, and how old it is: its readers of pages stop working as the pages change."""

from datetime import UTC, date, datetime, timedelta
from importlib.metadata import PackageNotFoundError, version

DISTRIBUTION = "yt-dlp"
OLD_AFTER = timedelta(days=90)


def installed_version() -> str | None:
    """The version in this environment; None: there is none."""
    try:
        return version(DISTRIBUTION)
    except PackageNotFoundError:
        return None


def released_on(number: str) -> date | None:
    """The day in a version such as `2026.10.26`; None for one that names no day."""
    try:
        year, month, day, *_ = (int(part) for part in number.split("."))
        return date(year, month, day)
    except ValueError:
        return None


def age(number: str, now: datetime) -> timedelta | None:
    """How long ago it was released; None: unknown."""
    day = released_on(number)
    return None if day is None else now - datetime(day.year, day.month, day.day, tzinfo=UTC)
