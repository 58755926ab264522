"""Schedules that periodiq keeps. It accepts some that it then never, or wrongly, keeps: those are refused here."""

from typing import Annotated

from pydantic import AfterValidator

_FIELDS = 5
_RANGES = (("minute", 0, 59), ("hour", 0, 23), ("day of the month", 1, 31), ("month", 1, 12), ("weekday", 0, 7))
_SUNDAY_LOST = "never runs on Sunday when that is written 0 or sun; write Sunday as 7"


def _cron(schedule: str) -> str:
    from periodiq import cron  # pendulum is slow to import, and the defaults need no check

    if schedule.strip().lower() == "@weekly":
        raise ValueError(f"{_SUNDAY_LOST}: 0 0 * * 7")
    if not schedule.startswith("@") and len(schedule.split()) != _FIELDS:
        raise ValueError("is no schedule; write five fields, as in */5 * * * *")
    try:
        fields = cron(schedule).astuple()
    except (ValueError, KeyError, IndexError):
        raise ValueError("is no schedule; write five fields of numbers, as in */5 * * * * or 0 8-18 * * 1-5") from None
    for values, (field, lowest, highest) in zip(fields, _RANGES, strict=True):
        if values[0] < lowest or values[-1] > highest:
            raise ValueError(f"has an impossible {field}; write one from {lowest} to {highest}")
    if 0 in fields[-1] and 7 not in fields[-1]:  # noqa: PLR2004 # Sunday, of which periodiq knows the second name only
        raise ValueError(_SUNDAY_LOST)
    return schedule


Cron = Annotated[str, AfterValidator(_cron)]
