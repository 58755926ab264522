"""A recovery action as a process can take it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from leeward.extension import Failure, Recovered


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """An action of ours, or one that an extension declares, with what it needs in this process.

    Attributes:
        name: ours have one word or several with `-`; that of an extension is `<extension>.<function>`.
        priority: the highest is tried first.
        about: what it does, in one sentence.
        extension: which one brings it; empty for ours.
        applies: the condition.
        run: does it; None, or an error, where it could not help.
        pause: how long it is not repeated for the same provider, in the whole fleet.
        is_slow: what it does shows later whether it has helped: jobs try the provider.
    """

    name: str
    priority: int
    about: str
    extension: str = ""
    applies: Callable[[Failure], bool]
    run: Callable[[Failure], Recovered | None]
    pause: timedelta = timedelta(0)
    is_slow: bool = False
