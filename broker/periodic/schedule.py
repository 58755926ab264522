"""When a periodic actor is to run: a cron schedule in a time zone, or every so often. Pure: time is an argument.

Daylight saving, as Debian's cron has it. A schedule whose minutes or hours begin with `*` follows the time that passes: it runs in both of
two equal hours, and in no hour that is skipped. Any other one names local times: it runs once in a day where that time comes twice (the
first time), and at the end of the gap where it does not come at all. With six fields, the first being seconds, a schedule always follows
the time that passes, and what falls into a gap is left out.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cached_property
from typing import Protocol

from cronsim import CronSim, CronSimError

from leeward.duration import parse_duration

SHORTEST = timedelta(seconds=1)
LONGEST = timedelta(days=366)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NAMED = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
_FIELDS = {5: "minute, hour, day, month, weekday", 6: "second, minute, hour, day, month, weekday"}
_RANGES = {"minute": (0, 59), "hour": (0, 23), "day of the month": (1, 31), "month": (1, 12), "weekday": (0, 7)}
_ADVICE = "write five fields, as */5 * * * * or 0 8-18 * * 1-5, or a duration, as 30s"


class Schedule(Protocol):
    """Instants in UTC, the same for every caller.

    Attributes:
        text: how it was written.
        fine: its instants differ in seconds, not only in minutes.
    """

    @property
    def text(self) -> str: ...

    @property
    def fine(self) -> bool: ...

    def after(self, instant: datetime) -> datetime | None:
        """The first instant after this one; None when there is none."""

    def latest(self, since: datetime, until: datetime) -> datetime | None:
        """The last instant after `since` and not after `until`; None when there is none."""


@dataclass(frozen=True)
class Every:
    """Multiples of a period since 1970, so that every scheduler means the same ones."""

    period: timedelta

    def __post_init__(self) -> None:
        if not SHORTEST <= self.period <= LONGEST:
            raise ValueError(
                f"{self.period} has an impossible length; write a period from {SHORTEST.seconds} s to {LONGEST.days} d"
            )

    @property
    def text(self) -> str:
        return f"every {self.period}"

    @property
    def fine(self) -> bool:
        return self.period % timedelta(minutes=1) != timedelta(0)

    def after(self, instant: datetime) -> datetime | None:
        return _EPOCH + ((instant - _EPOCH) // self.period + 1) * self.period

    def latest(self, since: datetime, until: datetime) -> datetime | None:
        last = _EPOCH + (until - _EPOCH) // self.period * self.period
        return last if last > since else None


@dataclass(frozen=True)
class Cron:
    """A cron expression, read as Debian's cron reads it.

    Raises:
        ValueError: it is none.
    """

    expression: str
    zone: tzinfo = UTC

    def __post_init__(self) -> None:
        _ = self._plain

    @property
    def text(self) -> str:
        return self.expression if self.zone is UTC else f"{self.expression} {self.zone}"

    @property
    def fine(self) -> bool:
        return len(self._plain.split()) == len(_FIELDS[6].split(", "))

    def after(self, instant: datetime) -> datetime | None:
        # A local time that comes twice is the first of the two, and may lie before where the search began.
        return next((found for found in self._from(instant) if found > instant), None)

    def latest(self, since: datetime, until: datetime) -> datetime | None:
        backwards = CronSim(self._plain, (until + SHORTEST).astimezone(self.zone), reverse=True)
        start = max(since, next((found.astimezone(UTC) for found in backwards if found <= until), since) - SHORTEST)
        last = None
        # Backwards it knows no instants at the ends of gaps: those are looked for from there on.
        for found in self._from(start):
            if found > until:
                break
            last = found if found > since else last
        return last

    @cached_property
    def _plain(self) -> str:
        """Five or six fields, checked."""
        wanted = self.expression.strip()
        plain = _NAMED.get(wanted.lower(), wanted) if wanted.startswith("@") else wanted
        if len(plain.split()) not in _FIELDS:
            raise ValueError(f"{self.expression!r} is no schedule; {_ADVICE}")
        try:
            CronSim(plain, _EPOCH)
        except CronSimError as error:
            raise ValueError(_problem(self.expression, str(error))) from None
        return plain

    def _from(self, instant: datetime) -> Iterator[datetime]:
        return (found.astimezone(UTC) for found in CronSim(self._plain, instant.astimezone(self.zone)))


def schedule_of(periodic: object, zone: tzinfo = UTC) -> Schedule:
    """The schedule that the actor option `periodic` means.

    Args:
        periodic: periodiq's `cron(...)`, a timedelta, or a text: five fields, six fields with seconds first, `@daily`, or a duration as
            `30s`.
        zone: whose local times a cron expression means.

    Raises:
        ValueError: it is no schedule.
    """
    if isinstance(periodic, timedelta):
        return Every(periodic)
    if isinstance(periodic, str):
        every = _duration(periodic)
        return Cron(periodic, zone) if every is None else Every(every)
    return Cron(_expression(periodic), zone)


def _duration(text: str) -> timedelta | None:
    try:
        return parse_duration(text)
    except ValueError:
        return None  # then it is cron


def _expression(spec: object) -> str:
    """What periodiq parsed, as it was written where it knows."""
    written = getattr(spec, "parsed_from", None)
    if isinstance(written, str):
        return written
    fields = getattr(spec, "astuple", None)
    if fields is None:
        raise ValueError(f"{spec!r} is no schedule; use periodiq's cron(...) or a timedelta")
    return " ".join(_field(values, *_RANGES[name]) for values, name in zip(fields(), _RANGES, strict=True))


def _field(values: list[int], lowest: int, highest: int) -> str:
    return "*" if values == list(range(lowest, highest + 1)) else ",".join(map(str, values))


def _problem(expression: str, error: str) -> str:
    name = error.removeprefix("Bad ").replace("day-of-month", "day of the month").replace("day-of-week", "weekday")
    if name in _RANGES:
        lowest, highest = _RANGES[name]
        return f"{expression!r} has an impossible {name}; write numbers from {lowest} to {highest}, as in */5 * * * *"
    return f"{expression!r} is no schedule; {_ADVICE}"
