"""The recovery actions that installed extensions declare, bound to the instances of their providers."""

from collections.abc import Callable, Iterator
from inspect import getdoc
from typing import Any

from leeward.extension import Failure, Recovered, RecoveryAction
from workers.composition.binding.calling import at_instance
from workers.composition.binding.opened_providers import OpenedProviders
from workers.composition.composition import Composition
from workers.composition.parts import instances_of
from workers.recovery.action import Action


def actions_of(composition: Composition, opened: OpenedProviders) -> Iterator[Action]:
    """One for each declared action; it is tried for failures of the instances that it is declared for."""
    for installed in composition.installed:
        for declared in installed.extension.recovery:
            known = (
                None
                if declared.provider is None
                else frozenset(one.name for one in instances_of(declared.provider, composition.instances))
            )
            yield Action(
                name=f"{installed.name}.{declared.__name__}",
                priority=declared.priority,
                about=(getdoc(declared.function) or "").partition("\n")[0],
                extension=installed.name,
                applies=_condition(declared, known),
                run=_run(declared, opened),
                pause=declared.pause,
            )


def _condition(declared: RecoveryAction[...], known: frozenset[str] | None) -> Callable[[Failure], bool]:
    def applies(failure: Failure) -> bool:
        if failure.healthy or (known is not None and failure.of not in known):
            return False
        return declared.condition is None or declared.condition(failure)

    return applies


def _run(declared: RecoveryAction[...], opened: OpenedProviders) -> Callable[[Failure], Recovered | None]:
    def run(failure: Failure) -> Recovered | None:
        function: Any = declared.function
        if declared.provider is None:
            found: Recovered | None = function(failure)
        else:
            found = at_instance(opened, failure.of, lambda provider: function(failure, provider))
        return found

    return run
