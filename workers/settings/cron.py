"""Schedules of the fleet's own periodic actors, and the zone that they are meant in."""

import re
from datetime import timedelta
from typing import Annotated, TypeVar
from zoneinfo import ZoneInfo

from pydantic import AfterValidator

from leeward.duration import Duration

S = TypeVar("S", str, timedelta)
_WRONG = re.compile(r"^.*?(?=(?:has an impossible|is no schedule))")


def _schedule(schedule: S) -> S:
    from broker.periodic.schedule import schedule_of  # the defaults need no check

    try:
        schedule_of(schedule)
    except ValueError as error:
        raise ValueError(_WRONG.sub("", str(error))) from None
    return schedule


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError):  # ZoneInfoNotFoundError is a KeyError
        raise ValueError("is not a time zone; write UTC or a name such as Europe/Berlin") from None
    return name


Cron = Annotated[str, AfterValidator(_schedule)]
Period = Annotated[Duration, AfterValidator(_schedule)]
Zone = Annotated[str, AfterValidator(_zone)]
