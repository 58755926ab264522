"""When a job may start and until when it is worth doing, from what the caller gave."""

from datetime import UTC, datetime, timedelta

from leeward.errors import Invalid

_NO_TIME = timedelta(0)


def span(name: str, value: object) -> timedelta:
    """A span of time that an option gives.

    Raises:
        Invalid: it is no `timedelta`, or negative; the text says what to pass.
    """
    if not isinstance(value, timedelta):
        if isinstance(value, int | float) and not isinstance(value, bool):
            raise Invalid(
                f"{name} is a timedelta; this one is {type(value).__name__}: write {name}=timedelta(seconds={value})"
            )
        advice = "for an instant there is run_at" if name == "delay" else f"write {name}=timedelta(minutes=5)"
        raise Invalid(f"{name} is a timedelta; this one is {type(value).__name__}: {advice}")
    if value < _NO_TIME:
        raise Invalid(f"{name} is negative: {value}")
    return value


def instant_ms(name: str, value: object) -> int:
    """An instant that an option gives, ms since 1970.

    Raises:
        Invalid: it is no `datetime`, or has no time zone; the text says what to pass.
    """
    if not isinstance(value, datetime):
        advice = (
            "for a span from now there is delay"
            if name == "run_at"
            else f"write {name}=datetime.now(UTC) + timedelta(hours=1)"
        )
        raise Invalid(f"{name} is a datetime with a time zone; this one is {type(value).__name__}: {advice}")
    if value.tzinfo is None or value.utcoffset() is None:
        raise Invalid(
            f"the {name} needs a time zone: use datetime.now(UTC) + ..., or value.replace(tzinfo=ZoneInfo('Europe/Berlin'))"
        )
    return int(value.astimezone(UTC).timestamp() * 1000)


def deadline_ms(deadline: object, now_ms: int) -> int:
    """Until when a job is worth doing: so long from now on, or until an instant; ms since 1970.

    Raises:
        Invalid: it is neither, or an instant without a time zone.
    """
    if isinstance(deadline, timedelta):
        return now_ms + int(deadline.total_seconds() * 1000)
    if isinstance(deadline, int | float):
        span("deadline", deadline)
    return instant_ms("deadline", deadline)
