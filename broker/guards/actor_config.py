"""What guards an actor within its provider: numbers of its own, kept by the queue where its jobs wait."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import timedelta
from difflib import get_close_matches
from typing import Any, Self

from broker.guards.config import Field, GuardConfig, ImpossibleGuard

_SIGN = "@"
"""Between a number's name and its queue, in the hashes that hold a provider's numbers (config.lua)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ActorGuards:
    """One actor's own numbers at one provider, for the whole fleet. They go beside the provider's: the smaller counts.

    Attributes:
        limit: its jobs that may run at once; 0 for no limit of its own.
        rate: its jobs that may start per second; 0 for no limit of its own.
        burst: how many of them may start at once after a pause.
        slow: from which on its calls are slow; None for what the provider says.
        observe: the circuit ignores its calls, and a 429 of theirs does not hold the provider. The guards still apply to its jobs.

    Raises:
        ImpossibleGuard: with every impossible value and what to write instead.
    """

    limit: int = 0
    rate: float = 0.0
    burst: int = 1
    slow: timedelta | None = None
    observe: bool = False

    def __post_init__(self) -> None:
        self._as_config()

    def _as_config(self) -> GuardConfig:
        """The same names mean the same there, and have the same limits."""
        given = {name: getattr(self, name) for name in ACTOR_NAMES}
        return GuardConfig(**{name: value for name, value in given.items() if value is not None})

    def changed(self, **values: Any) -> Self:
        """A copy with other values.

        Raises:
            ImpossibleGuard: an impossible value, or a name that is none, with the nearest one that is.
        """
        known_actor_names(values)
        return replace(self, **values)

    def to_fields(self, queue: str, *only: str) -> dict[str, Field]:
        """What differs from no numbers at all, or the attributes named, as the scripts read them."""
        names = only or tuple(name for name in ACTOR_NAMES if getattr(self, name) != getattr(_NONE, name))
        found = self._as_config().to_fields(*names) if names else {}
        return {f"{name}{_SIGN}{queue}": value for name, value in found.items()}

    @classmethod
    def from_fields(cls, stored: Mapping[str, str], queue: str) -> Self:
        """Reads what `to_fields` wrote; absent fields mean no number."""
        own = {name.removesuffix(_SIGN + queue): text for name, text in stored.items() if name.endswith(_SIGN + queue)}
        config = GuardConfig.from_fields(own)
        values = {name: getattr(config, name) for name in ACTOR_NAMES}
        return cls(**values if "slow_ms" in own else values | {"slow": None})


ACTOR_NAMES = tuple(field.name for field in fields(ActorGuards))
_NONE = ActorGuards()


def known_actor_names(names: Iterable[str]) -> None:
    """Raises: ImpossibleGuard: a name that is not a setting of an actor, with the nearest one that is."""
    for name in names:
        if name not in ACTOR_NAMES:
            close = get_close_matches(name, ACTOR_NAMES, n=1)
            hint = f"did you mean {close[0]}?" if close else f"there are {', '.join(ACTOR_NAMES)}"
            raise ImpossibleGuard(f"{name} is no guard setting of an actor; {hint}")


def actor_fields(queue: str, *names: str) -> list[str]:
    """The fields of the named numbers, or of all."""
    every = ActorGuards(slow=timedelta(seconds=1))
    return list(every.to_fields(queue, *(names or ACTOR_NAMES)))


def queues_with_numbers(stored: Iterable[str]) -> set[str]:
    """The queues that these fields are numbers of."""
    return {name.partition(_SIGN)[2] for name in stored if _SIGN in name}
