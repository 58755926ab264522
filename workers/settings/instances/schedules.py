"""When a periodic actor runs, as a setting of its own: `[actors."acme.chase_overdue.acme"]` with `schedule` and `time_zone`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from workers.settings.cron import Cron, Zone
from workers.settings.problem import Problem
from workers.settings.reader.model_reader import Place, read_model
from workers.settings.reader.source import Source


class ScheduleValues(BaseModel):
    """What is left out is as the actor is declared, or as the fleet has it."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    schedule: Cron | None = Field(
        None,
        title="When it runs, in place of what it is declared with",
        description="a cron schedule, or a duration as 30s",
    )
    time_zone: Zone | None = Field(
        None,
        title="Whose local times its cron schedule means, in place of `schedule_zone`",
        description="a time zone as Europe/Berlin",
    )


SCHEDULE = tuple(ScheduleValues.model_fields)
"""The names of the settings."""


@dataclass(frozen=True, slots=True)
class ActorSchedule:
    """Attributes:
    schedule: None for the one that it is declared with.
    time_zone: None for the fleet's.
    """

    schedule: str | None
    time_zone: str | None


def read_schedule(
    source: Source, at: tuple[str, str], table: Mapping[str, Any], *, is_periodic: bool
) -> tuple[ActorSchedule | None, list[Problem]]:
    """The own schedule of an actor; None where its table has none.

    Args:
        source: of the file.
        at: the place of its table.
        table: what is written there.
        is_periodic: whether it runs at regular times at all.
    """
    given = [name for name in SCHEDULE if name in table]
    if not given:
        return None, []
    if not is_periodic:
        return None, [Problem(source.at(*at, name), "is for periodic actors; remove it.") for name in given]
    place = Place(ScheduleValues, at, lambda path: f"-{path[-1]}")  # no variable has this name
    read = read_model(place, source)
    values = read.validated()
    return (None if values is None else ActorSchedule(values.schedule, values.time_zone)), list(read.problems)
