"""How much is shown and how long each failure lasts."""

import math
from dataclasses import dataclass
from datetime import timedelta

_ATTEMPTS = 5
"""Of the preset `standard`, which sync jobs have."""
_SHORTEST_PAUSE = timedelta(seconds=1)
"""Of the same preset, where a provider names no time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """One length of the demonstration.

    Attributes:
        users: accounts to create; a tenth as many old ones are disabled.
        mails: with one recipient; a tenth as many have three.
        files: to download.
        unavailable: how long Jellyfin answers 503.
        retry_after: what it asks for meanwhile, whole seconds.
        refusing: how long it then refuses connections.
        open_for: how long Jellyfin's circuit stays open before it is tried again; whole seconds.
        lease: after this time a killed worker's jobs go to others.

    Raises:
        ValueError: a job could spend its five attempts within the outage.
    """

    users: int
    mails: int
    files: int
    unavailable: timedelta
    retry_after: timedelta
    refusing: timedelta
    open_for: timedelta
    lease: timedelta

    def __post_init__(self) -> None:
        # Attempts are `retry_after` apart, then a pause apart; the last one must come after the outage.
        failures = math.ceil(self.unavailable / self.retry_after)
        if failures >= _ATTEMPTS or self.refusing >= min(_SHORTEST_PAUSE, self.retry_after):
            raise ValueError(f"{self}: a job could spend its {_ATTEMPTS} attempts within the outage")
        if failures == _ATTEMPTS - 1 and self.retry_after * failures < self.unavailable + self.refusing:
            raise ValueError(f"{self}: a job could spend its {_ATTEMPTS} attempts within the outage")


FULL = Pace(
    users=160,
    mails=120,
    files=48,
    unavailable=timedelta(seconds=18.5),
    retry_after=timedelta(seconds=6),
    refusing=timedelta(seconds=0.9),
    open_for=timedelta(seconds=4),
    lease=timedelta(seconds=15),
)
QUICK = Pace(
    users=110,
    mails=80,
    files=36,
    unavailable=timedelta(seconds=4),
    retry_after=timedelta(seconds=2),
    refusing=timedelta(seconds=0.9),
    open_for=timedelta(seconds=2),
    lease=timedelta(seconds=5),
)
