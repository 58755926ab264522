"""The guards that a provider class recommends for its instances. What an operator writes in `leeward.toml` overrides them."""

from datetime import timedelta
from typing import TypedDict


class Guards(TypedDict, total=False):
    """Names and meanings as in `[providers.NAME]` (`docs/guards.md`). What is left out has the fleet's default. The values are checked when
    a worker loads the extension.
    """

    limit: int
    rate: float
    burst: int
    adaptive: bool
    floor: int
    tolerance: float
    share: float
    hold: bool
    observe: bool
    window: timedelta
    min_calls: int
    failure_rate: float
    slow_rate: float
    slow: timedelta
    streak: int
    probes: int
    successes: int
    open_for: timedelta
    open_at_most: timedelta
    ramp: timedelta
    key_kept: timedelta
    partition_limit: float
    lane_share: float
    max_waiting: int
    partition_max_waiting: int
