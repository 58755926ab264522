"""How well a set velocity is kept: over all and in every window of a few seconds."""

import time
from dataclasses import dataclass

from bench.replay.site import Site
from bench.report import say
from leeward.wire.keys import ProviderKeys
from storage.replays.rules import Rules

WINDOW_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Kept:
    """Jobs per second over the whole run, and in the emptiest and the fullest window of `WINDOW_SECONDS`, over what was set."""

    whole: float
    emptiest: float
    fullest: float

    @property
    def worst(self) -> float:
        """How far off the farthest of them is."""
        return max(abs(part - 1) for part in (self.whole, self.emptiest, self.fullest))


def measure(site: Site, per_second: float, seconds: float) -> Kept:
    """Counts at the server, every few milliseconds, what has been enqueued."""
    letters = int(per_second * seconds)
    site.prepare(letters)
    looks: list[tuple[float, int]] = []
    with site.host():
        site.begin(Rules(per_second=per_second))
        there = 0
        while there < letters:
            there = site.stage.client.hlen(ProviderKeys("jellyfin").jobs)
            if there:
                looks.append((time.monotonic(), there))
            time.sleep(0.01)
    kept = judge(looks, per_second)
    say(
        f"{per_second:g}/s: {kept.whole:.2%} of it, between {kept.emptiest:.2%} and {kept.fullest:.2%} in {WINDOW_SECONDS:g} s"
    )
    return kept


def judge(looks: list[tuple[float, int]], per_second: float) -> Kept:
    """From looks at a growing count, the first at its beginning."""
    (began, first), (ended, last) = looks[0], looks[-1]
    whole = (last - first) / (ended - began) / per_second
    windows, at = [], 0
    for start, count in looks:
        while at < len(looks) and looks[at][0] < start + WINDOW_SECONDS:
            at += 1
        if at == len(looks):
            break
        windows.append((looks[at][1] - count) / (looks[at][0] - start) / per_second)
    return Kept(whole, min(windows, default=whole), max(windows, default=whole))
