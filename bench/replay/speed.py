"""How fast a replay without a velocity enqueues, and how its runner's memory grows meanwhile."""

import time
from dataclasses import dataclass

from bench.quantiles import median
from bench.replay.site import Host, Site
from bench.report import say
from leeward.wire.keys import ProviderKeys
from storage.replays.rules import Rules

EARLY, LATE = (0.10, 0.20), (0.90, 1.0)
MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Speed:
    """Jobs per second from the first that the server has to the last, how long the set took to fix, and resident bytes of the runner's
    process: medians of the readings between 10 and 20 % and of those in the last tenth.
    """

    per_second: float
    created_seconds: float
    early_bytes: float
    late_bytes: float

    @property
    def growth(self) -> float:
        return self.late_bytes / self.early_bytes


def measure(site: Site, letters: int) -> Speed:
    """No worker runs: enqueued jobs wait."""
    site.prepare(letters)
    with site.host() as host:
        began = time.monotonic()
        id_ = site.begin(Rules())
        created_seconds = time.monotonic() - began
        looks = _looks(site, host, letters)
        site.wait_until_enqueued(id_)
    (first, part, _), (last, _, _) = looks[0], looks[-1]
    early, late = (median([size for _, part, size in looks if low <= part <= high]) for low, high in (EARLY, LATE))
    speed = Speed(letters * (1 - part) / (last - first), created_seconds, early, late)
    say(
        f"{letters:,} letters: set fixed in {speed.created_seconds:.1f} s, {speed.per_second:,.0f} jobs/s,"
        f" {early / MIB:.1f} MiB early, {late / MIB:.1f} MiB late"
    )
    return speed


def _looks(site: Site, host: Host, letters: int) -> list[tuple[float, float, int]]:
    """When, which part was enqueued by the server's own count, and the runner's memory; from the first job until all are there."""
    looks: list[tuple[float, float, int]] = []
    there = 0
    while there < letters:
        there = site.stage.client.hlen(ProviderKeys("jellyfin").jobs)
        if there:
            looks.append((time.monotonic(), there / letters, host.rss_bytes()))
        time.sleep(0.02)
    return looks
