"""Ring: what periodic actors are declared with, and ticks that another scheduler than ours sends."""

from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

import dramatiq
from dramatiq import Message
from dramatiq.middleware import Middleware

from broker.periodic.schedule import schedule_of
from broker.periodic.ticks import TICK, tick_name
from middleware.actor_options import InvalidActorOption

CATCH_UP = timedelta(hours=24)
"""How late a tick may run where its actor does not say."""


class Ticks(Middleware):
    """Owns the actor options of periodic actors: `periodic`, when it is to run (`broker.periodic.schedule.schedule_of`), and `catch_up`, a
    timedelta (24 h when absent): how late a tick may still run. A tick that no worker could run in that time is dead as `expired`, never
    done. `schedule_zone`: whose local times a cron schedule means, where that is not the fleet's zone. `at_start`: whether the first tick
    is due when a scheduler first sees the actor.

    `leeward scheduler` sends each tick once (`workers.background.ticker`). The messages of periodiq's own scheduler, which sends a tick as
    often as there are schedulers, get an idempotency key by actor and minute in UTC here: the local time that it writes comes twice when
    clocks go back.
    Failure stance: asks no backend; the key is taken in the step that enqueues.
    """

    @property
    def actor_options(self) -> set[str]:
        return {"periodic", "catch_up", "schedule_zone", "at_start"}

    def before_declare_actor(self, broker: dramatiq.Broker, actor: "dramatiq.Actor[..., Any]") -> None:
        """Raises: InvalidActorOption: no such schedule, or no span. At start-up, not at the first tick."""
        if "periodic" not in actor.options:
            return
        try:
            schedule_of(actor.options["periodic"])
            catch_up_of(actor.options)
            zone_of(actor.options, UTC)
        except ValueError as error:
            raise InvalidActorOption(f"{actor.actor_name}: {error}") from None

    def before_enqueue(self, broker: dramatiq.Broker, message: "Message[Any]", delay: int | None) -> None:
        at = message.options.get("scheduled_at")
        if not isinstance(at, str):
            return
        actor = broker.actors.get(message.actor_name)
        instant = _instant(at)
        minute = tick_name(instant)
        # periodiq would have it skipped after 30 seconds by the worker's clock, as if it had run.
        del message.options["scheduled_at"]
        message.options[TICK] = minute
        message.options["idempotency_key"] = f"tick:{message.actor_name}:{minute}"
        deadline = instant + catch_up_of(actor.options if actor else {})
        message.options.setdefault("deadline", round(deadline.timestamp() * 1000))


def catch_up_of(options: dict[str, Any]) -> timedelta:
    """How late a tick of an actor with these options may run.

    Raises:
        ValueError: it is not a duration above zero.
    """
    catch_up = options.get("catch_up", CATCH_UP)
    if not isinstance(catch_up, timedelta) or catch_up <= timedelta(0):
        raise ValueError(f"catch_up is how late a tick may run, a timedelta above zero, not {catch_up!r}")
    return catch_up


def zone_of(options: dict[str, Any], usual: tzinfo) -> tzinfo:
    """Whose local times the schedule of an actor with these options means.

    Raises:
        ValueError: it is not a zone.
    """
    name = options.get("schedule_zone")
    try:
        return usual if name is None else ZoneInfo(name)
    except (ValueError, OSError, KeyError, TypeError):
        raise ValueError(f"schedule_zone is a time zone such as Europe/Berlin, not {name!r}") from None


def _instant(text: str) -> datetime:
    """What periodiq wrote; a time without a zone is UTC."""
    instant = datetime.fromisoformat(text)
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)
