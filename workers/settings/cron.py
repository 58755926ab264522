"""Schedules of the fleet's own periodic actors, and the zone that they are meant in."""

import re
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator

_WRONG = re.compile(r"^.*?(?=(?:has an impossible|is no schedule))")


def _cron(schedule: str) -> str:
    from broker.periodic.schedule import schedule_of  # the defaults need no check

    try:
        schedule_of(schedule)
    except ValueError as error:
        raise ValueError(_WRONG.sub("", str(error))) from None
    return schedule


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ValueError, OSError):  # ZoneInfoNotFoundError is a KeyError
        raise ValueError("is not a time zone; write UTC or a name such as Europe/Berlin") from None
    except KeyError:
        raise ValueError("is not a time zone; write UTC or a name such as Europe/Berlin") from None
    return name


Cron = Annotated[str, AfterValidator(_cron)]
Zone = Annotated[str, AfterValidator(_zone)]
