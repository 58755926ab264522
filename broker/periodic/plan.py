"""What schedulers publish of each periodic actor, so that it can be listed and run where it is not declared."""

import json
from dataclasses import dataclass
from datetime import UTC, timedelta
from typing import Self
from zoneinfo import ZoneInfo

from broker.periodic.schedule import Cron, Every, Schedule
from leeward.duration import duration_text

_MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Plan:
    """Attributes:
    actor: its name.
    queue: where its ticks go.
    schedule: when it is to run.
    catch_up: how late a tick may still run.
    """

    actor: str
    queue: str
    schedule: Schedule
    catch_up: timedelta

    @property
    def zone(self) -> str:
        """Whose local times the schedule means; empty for a period."""
        return str(self.schedule.zone) if isinstance(self.schedule, Cron) else ""

    @property
    def text(self) -> str:
        """The schedule as it is written."""
        if isinstance(self.schedule, Every):
            return f"every {duration_text(self.schedule.period)}"
        return self.schedule.expression if isinstance(self.schedule, Cron) else self.schedule.text

    def encoded(self) -> str:
        """As JSON, for `parsed`."""
        when = (
            {"every_ms": self.schedule.period // _MILLISECOND}
            if isinstance(self.schedule, Every)
            else {"cron": self.text, "zone": self.zone}
        )
        return json.dumps({"queue": self.queue, "catch_up_ms": self.catch_up // _MILLISECOND} | when)

    @classmethod
    def parsed(cls, actor: str, text: str | bytes) -> Self | None:
        """None for what this release cannot read."""
        try:
            known = json.loads(text)
            schedule: Schedule = (
                Every(known["every_ms"] * _MILLISECOND)
                if "every_ms" in known
                else Cron(known["cron"], UTC if known["zone"] == "UTC" else ZoneInfo(known["zone"]))
            )
            return cls(actor, known["queue"], schedule, known["catch_up_ms"] * _MILLISECOND)
        except (ValueError, LookupError, TypeError, OSError):
            return None
