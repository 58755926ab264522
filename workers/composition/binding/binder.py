"""Declares the actors of the installed extensions on a broker."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import dramatiq

from actors.declare import declare
from leeward.client import Leeward
from leeward.extension import Permanent
from leeward.jobs.job import Job
from leeward.redaction import cleaned
from workers.composition.binding.calling import at_instance
from workers.composition.binding.opened_providers import OpenedProviders
from workers.composition.installed.extensions import Broken, BrokenExtensions
from workers.composition.instance import Instance
from workers.composition.parts import BoundActor


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
        declared, options = actor.declared, dict[str, Any]()
        if declared.verification is not None:
            options["verify"] = self._calling(actor, declared.verification)
        if limit := longest_of(actor):
            options["time_limit"] = round(limit / timedelta(milliseconds=1))
        extra = (self._client,) if declared.wants_client else ()
        return declare(
            self._broker,
            declared.job,
            self._calling(actor, declared.function, *extra),
            queues=actor.queues,
            retry_preset=retry_preset,
            unknown_outcome=declared.unknown_outcome,
            budget=declared.job.default_deadline,
            accepts=declared.accepts,
            **options,
        )

    def _calling(self, actor: BoundActor, function: Callable[..., Any], *extra: Any) -> Callable[[Job], Any]:
        opened, served = self._opened, frozenset(one.name for one in actor.instances)

        def call(job: Job) -> Any:
            name = job.provider
            if name not in served:
                # Not Misconfigured: that would stop a provider whose queue the job is in by mistake.
                message = f"{actor.name} is not served at {name!r}, only at {', '.join(sorted(served))}"
                raise Permanent(message, provider=name, operation=actor.name)
            return at_instance(opened, name, lambda provider: function(job, provider, *extra))

        return call


def longest_of(actor: BoundActor) -> timedelta | None:
    """How long one delivery may take: what the actor says, else the longest that one of its providers says; None: the fleet's own limit.

    Raises:
        BrokenExtensions: a provider cannot say it before it is opened.
    """
    if actor.declared.time_limit is not None:
        return actor.declared.time_limit
    limits = [limit for one in actor.instances if (limit := _longest_call(one, actor)) is not None]
    return max(limits, default=None)


def _longest_call(instance: Instance, actor: BoundActor) -> timedelta | None:
    kind = instance.type.provider
    try:
        return kind(instance.name, instance.settings).longest_call()
    except Exception as error:
        shown = cleaned(f"{type(error).__name__}: {error}")
        why = f"{kind.__name__}.longest_call() of {instance.name} raises {shown}; it is called before open() and has the settings alone"
        raise BrokenExtensions([Broken(str(actor.installed), why)]) from error
