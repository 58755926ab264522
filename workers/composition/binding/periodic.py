"""Declares the periodic actors of extensions on a broker."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import dramatiq

from actors.periodic import declare_periodic
from leeward.client import Leeward
from workers.composition.binding.calling import at_instance
from workers.composition.binding.opened_providers import OpenedProviders
from workers.composition.parts import BoundPeriodic
from workers.settings.instances.schedules import ActorSchedule


def bind_periodic(
    broker: dramatiq.Broker, bound: Iterable[BoundPeriodic], opened: OpenedProviders, client: Leeward
) -> list["dramatiq.Actor[..., Any]"]:
    """Each on a queue of its instance, so that guards, circuit and health of the instance count for its ticks, too."""
    return [_bind(broker, one, opened, client) for one in bound]


def set_schedules(broker: dramatiq.Broker, own: Mapping[str, ActorSchedule]) -> None:
    """Gives declared periodic actors the schedules that the settings have for them."""
    for name, actor in broker.actors.items():
        if chosen := own.get(name):
            given = {"periodic": chosen.schedule, "schedule_zone": chosen.time_zone}
            actor.options |= {option: value for option, value in given.items() if value is not None}


def _bind(
    broker: dramatiq.Broker, bound: BoundPeriodic, opened: OpenedProviders, client: Leeward
) -> "dramatiq.Actor[..., Any]":
    return declare_periodic(
        broker,
        _tick(bound, opened, client),
        name=bound.name,
        queue=bound.queue,
        schedule=bound.schedule,
        catch_up=bound.declared.catch_up,
    )


def _tick(bound: BoundPeriodic, opened: OpenedProviders, client: Leeward) -> Callable[[], object]:
    function, instance = bound.declared.function, bound.instance
    extra = (client,) if bound.declared.wants_client else ()

    def tick() -> object:
        if instance is None:
            return function(*extra)
        return at_instance(opened, instance.name, lambda provider: function(provider, *extra))

    return tick
