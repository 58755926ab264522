"""How careful a replay is where nothing else was chosen."""

from storage.dead_letters.search.filter import Filter
from storage.replays.rules import STOP_RATIO, Rules

CANARY = 5
"""Of a replay that a filter chose. One whose dead letters were named has none, unless it is asked for."""


def careful_rules(
    filter_: Filter,
    *,
    canary: int | None = None,
    canary_failures: int = 0,
    per_second: float | None = None,
    per_second_each: float | None = None,
    stop_ratio: float | None = None,
    include_unknown: bool = False,
    unsafe_ok: str | None = None,
) -> Rules:
    """The rules of a replay of this filter; see `Rules` for the arguments. None means the default.

    Raises:
        ImpossibleRules: naming each value and what to write instead.
    """
    if canary is None:
        canary = 0 if filter_.ids else max(CANARY, canary_failures)
    return Rules(
        canary=canary,
        canary_failures=canary_failures,
        per_second=per_second,
        per_second_each=per_second_each,
        stop_ratio=stop_ratio or STOP_RATIO,
        include_unknown=include_unknown,
        unsafe_ok=unsafe_ok,
    )
