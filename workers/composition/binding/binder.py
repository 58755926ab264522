"""Declares the actors of the installed extensions on a broker."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import dramatiq

from actors.declare import declare
from leeward.client import Leeward
from leeward.extension import Actor, Permanent
from leeward.jobs.job import Job
from leeward.redaction import cleaned
from workers.composition.binding.calling import at_instance
from workers.composition.binding.opened_providers import OpenedProviders
from workers.composition.installed.extensions import Broken, BrokenExtensions
from workers.composition.instance import Instance
from workers.composition.parts import BoundActor, Service

AnyActor = Actor[..., Any, Any, Any]
AtInstance = Callable[..., Any]
"""A function of a job and an opened instance."""


class Binder:
    """Gives each actor its queues and options, and each of its jobs the instance that it is for.

    Args:
        broker: where to declare.
        opened: the instances.
        client: what a function enqueues with that asks for a client.
    """

    def __init__(self, broker: dramatiq.Broker, opened: OpenedProviders, client: Leeward) -> None:
        self._broker = broker
        self._opened = opened
        self._client = client

    def declare(self, actor: BoundActor, retry_preset: Any) -> "dramatiq.Actor[..., Any]":
        """Raises: ValueError: an option that cannot be."""
        options = dict[str, Any]()
        if actor.services[0].declared.verification is not None:
            options["verify"] = self._calling(actor, _verification)
        if limit := longest_of(actor):
            options["time_limit"] = round(limit / timedelta(milliseconds=1))
        return declare(
            self._broker,
            actor.job,
            self._calling(actor, self._work),
            queues=actor.queues,
            retry_preset=retry_preset,
            unknown_outcome=actor.unknown_outcome,
            budget=actor.job.default_deadline,
            accepts=actor.accepts,
            **options,
        )

    def _work(self, declared: AnyActor) -> AtInstance:
        if not declared.wants_client:
            return declared.function
        function, client = declared.function, self._client
        return lambda job, provider: function(job, provider, client)

    def _calling(self, actor: BoundActor, function_of: Callable[[AnyActor], AtInstance]) -> Callable[[Job], Any]:
        opened = self._opened
        served = {one.name: function_of(each.declared) for each in actor.services for one in each.instances}

        def call(job: Job) -> Any:
            name = job.provider
            function = served.get(name)
            if function is None:
                # Not Misconfigured: that would stop a provider whose queue the job is in by mistake.
                message = f"{actor.name} is not served at {name!r}, only at {', '.join(sorted(served))}"
                raise Permanent(message, provider=name, operation=actor.name)
            return at_instance(opened, name, lambda provider: function(job, provider))

        return call


def _verification(declared: AnyActor) -> AtInstance:
    verification: AtInstance | None = declared.verification
    if verification is None:
        raise TypeError(f"{declared.__name__} has no verification")
    return verification


def longest_of(actor: BoundActor) -> timedelta | None:
    """How long one delivery may take: the longest that a service says, or else one of its instances; None: the fleet's own limit.

    Raises:
        BrokenExtensions: a provider cannot say it before it is opened.
    """
    limits = [limit for service in actor.services for limit in _limits(service)]
    return max(limits, default=None)


def _limits(service: Service) -> Iterator[timedelta]:
    for one in service.instances:
        limit = service.declared.time_limit or _longest_call(one, service)
        if limit is not None:
            yield limit


def _longest_call(instance: Instance, service: Service) -> timedelta | None:
    kind = instance.type.provider
    try:
        return kind(instance.name, instance.settings).longest_call()
    except Exception as error:
        shown = cleaned(f"{type(error).__name__}: {error}")
        why = f"{kind.__name__}.longest_call() of {instance.name} raises {shown}; it is called before open() and has the settings alone"
        raise BrokenExtensions([Broken(str(service.installed), why)]) from error
