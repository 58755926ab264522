"""A call of a provider that has an answer also when the provider has none."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import redis

from leeward.errors import Unavailable
from leeward.extension import Failure, ProviderError
from leeward.redaction import cleaned
from workers.recovery.own_actions import circuit_of
from workers.recovery.recovery import Recovery

__all__ = ["CallAnswer", "CircuitOpen"]

PRIMARY = "primary"


class CircuitOpen(Unavailable):
    """Raised when a provider was not called because its circuit is open, and nothing else could answer."""

    code = "circuit_open"


@dataclass(frozen=True, slots=True)
class CallAnswer:
    """An answer, and where it is from.

    Attributes:
        answer: of the call; of the action that helped, where the call failed. Of a call that is made later: the job, as `enqueue`
            returns it.
        source: `primary`, or the name of the action.
        failure: what failed; None where nothing did.
    """

    answer: Any
    source: str
    failure: Failure | None = None


def answered(recovery: Recovery, failure: Failure, primary: Callable[[], Any]) -> CallAnswer:
    """As `RecoveryActions.call`.

    Args:
        recovery: the actions.
        failure: what it is, should the call fail.
        primary: the call.
    """
    if _circuit(recovery.client, failure.of) == "open":
        failure = replace(failure, circuit="open", code="circuit_open", text="its circuit is open")
        error: Exception = CircuitOpen(f"{failure.of} is not called: its circuit is open")
    else:
        try:
            return CallAnswer(primary(), PRIMARY)
        except (ProviderError, Unavailable, OSError) as caught:
            error = caught
            failure = replace(failure, code=str(getattr(caught, "code", "")), text=cleaned(str(caught)))
    helped = recovery.recover(failure)
    if helped is None:
        raise error
    return CallAnswer(helped.recovered.answer, helped.action, failure)


def _circuit(client: redis.Redis, provider: str) -> str:
    """Empty where Valkey cannot be asked: the call itself then shows whether the provider works."""
    try:
        return circuit_of(client, provider)
    except redis.RedisError:
        return ""
