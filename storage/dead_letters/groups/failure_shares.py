"""Which share of a provider's jobs that ended died, by operation. Deaths are counted in PostgreSQL; what was done, by the fleet."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Connection, func, select

from storage.dead_letters.groups.death_rates import SPANS
from storage.dead_letters.groups.rollup import roll_up
from storage.tables import dead_letter_group_hours, dead_letter_groups

ByHour = Mapping[datetime, int]
"""Numbers by the beginning of their hour."""

_HOUR = timedelta(hours=1)


class Part(NamedTuple):
    """What died of what ended over a span.

    Attributes:
        span: as a `Rate` has it, from a full hour on.
        died: at this operation, in the hours that the fleet has counted.
        ended: died or done in those hours, at whatever operation. A job that died, was replayed and done has ended twice.
    """

    span: timedelta
    died: int
    ended: int

    @property
    def share(self) -> float | None:
        """From 0 to 1; None when nothing ended."""
        return self.died / self.ended if self.ended else None


@dataclass(frozen=True, slots=True)
class Share:
    """What one operation kills of a provider's jobs.

    Attributes:
        counted_since: the first hour that the fleet has counted; earlier ones are in no part.
        parts: in the order of `SPANS`.
    """

    provider: str
    operation: str | None
    counted_since: datetime
    parts: tuple[Part, ...]


def hours_of_spans(now: datetime) -> list[datetime]:
    """The beginnings of all hours that shares are made of, the oldest first, the present one last."""
    present = _hour_of(now)
    return [present - _HOUR * back for back in range(SPANS[-1] // _HOUR, -1, -1)]


def deaths_by_hour(connection: Connection, *, now: datetime) -> dict[tuple[str, str | None], dict[datetime, int]]:
    """How many died in each of these hours, by provider and operation. Folds first, as `groups` does."""
    roll_up(connection)
    hour, group = dead_letter_group_hours.c, dead_letter_groups.c
    by = (group.provider, group.operation, hour.hour)
    statement = select(*by, func.sum(hour.letters)).join(dead_letter_groups, group.fingerprint == hour.fingerprint)
    statement = statement.where(hour.hour >= hours_of_spans(now)[0], hour.letters > 0).group_by(*by)
    found: dict[tuple[str, str | None], dict[datetime, int]] = {}
    for provider, operation, at, letters in connection.execute(statement):
        found.setdefault((provider, operation), {})[at] = int(letters)
    return found


def shares(
    died: Mapping[tuple[str, str | None], ByHour], done: Mapping[str, ByHour], *, now: datetime
) -> Iterator[Share]:
    """Those of providers whose jobs the fleet has counted.

    Args:
        died: by provider and operation.
        done: by provider; an hour that is not there was not counted.
        now: ends the spans.
    """
    for (provider, operation), deaths in died.items():
        if counted := done.get(provider):
            since = min(counted)
            of_all = [hours for (other, _), hours in died.items() if other == provider]
            spans = [(span, max(since, _hour_of(now) - span)) for span in SPANS]
            parts = tuple(
                Part(span, _sum(deaths, first), sum(_sum(hours, first) for hours in (counted, *of_all)))
                for span, first in spans
            )
            yield Share(provider, operation, since, parts)


def _sum(hours: ByHour, first: datetime) -> int:
    return sum(number for hour, number in hours.items() if hour >= first)


def _hour_of(instant: datetime) -> datetime:
    return instant.replace(minute=0, second=0, microsecond=0)
