"""Declares the event handlers of extensions on a broker."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

import dramatiq

from broker.delivery.current import keep_result
from broker.event_stream.subscription import Subscription
from leeward.client import Leeward
from leeward.extension import Event
from workers.composition.binding.calling import at_instance
from workers.composition.binding.opened_providers import OpenedProviders
from workers.composition.parts import BoundHandler


def bind_handlers(
    broker: dramatiq.Broker, bound: Iterable[BoundHandler], opened: OpenedProviders, client: Leeward
) -> None:
    """Each on a queue of its instance, so that its guards, circuit and health count for its jobs, too."""
    for one in bound:
        bind = dramatiq.actor(actor_name=one.name, queue_name=one.queue, broker=broker)
        bind(_handle(one, opened, client))


def subscriptions(bound: Iterable[BoundHandler]) -> list[Subscription]:
    """What a pump delivers to them."""
    return [Subscription(one.name, one.event, one.queue) for one in bound]


def _handle(bound: BoundHandler, opened: OpenedProviders, client: Leeward) -> Callable[[dict[str, Any]], Any]:
    function, instance = bound.declared.function, bound.instance
    extra = (client,) if bound.declared.wants_client else ()

    def handle(event: dict[str, Any]) -> Any:
        received = received_event(event)
        if instance is None:
            return keep_result(function(received, *extra))
        return keep_result(at_instance(opened, instance.name, lambda provider: function(received, provider, *extra)))

    return handle


def received_event(fields: dict[str, Any]) -> Event:
    """The event in a handler's job, as `Subscription` wrote it."""
    at = datetime.fromtimestamp(fields["at_ms"] / 1000, UTC)
    return Event(fields["id"], fields["name"], at, fields["data"])
