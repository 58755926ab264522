"""A large replay whose runner is killed several times: every row must be replayed exactly once, by what the workers ran."""

import random
import time
from dataclasses import dataclass

from bench.jobs.systems_compared import CONTRACT_QUEUE, Miscounted
from bench.replay.site import Host, Site
from bench.report import say
from bench.systems import CONTRACT_WORKERS
from bench.waiting import wait_for
from storage.replays.rules import Rules
from storage.replays.state import ItemOutcome

FIRST_KILL, LAST_KILL = 0.1, 0.9


@dataclass(frozen=True, slots=True)
class Survival:
    """How long all of it took until every job had ended and was known to have, and which parts were enqueued at the kills."""

    seconds: float
    kills: list[float]


def measure(site: Site, letters: int, kills: int) -> Survival:
    """With workers that run the jobs meanwhile.

    Raises:
        Miscounted: a row was not replayed, or was more than once, or its outcome is not known.
    """
    site.prepare(letters)
    spots = sorted(random.uniform(FIRST_KILL, LAST_KILL) for _ in range(kills))
    with site.stage.fleet(CONTRACT_WORKERS, queues=[CONTRACT_QUEUE]) as fleet:
        began = time.monotonic()
        id_ = site.begin(Rules(canary=5))
        for spot in spots:
            with site.host() as host:
                _wait_for(site, int(spot * letters), letters)
                _kill_at_work(host)
            say(f"killed with {1 - site.left(id_) / letters:.0%} enqueued")
        with site.host():
            progress = site.wait_until_finished(id_)
        seconds = time.monotonic() - began
        check(fleet.counted(), letters)
    done = progress.counts[ItemOutcome.DONE]
    if done != letters:
        raise Miscounted(letters - done, 0)
    say(f"{letters:,} letters, {kills} kills: every one replayed once, in {seconds:.0f} s")
    return Survival(seconds, spots)


def check(ran: list[int], letters: int) -> None:
    """Every letter's job ran exactly once.

    Raises:
        Miscounted: it did not.
    """
    if sorted(ran) != list(range(letters)):
        raise Miscounted(letters - len(set(ran)), len(ran) - len(set(ran)))


def _wait_for(site: Site, enqueued: int, letters: int) -> None:
    id_ = site.replays.page(limit=1).rows[0].id
    wait_for(
        lambda: letters - site.left(id_) >= enqueued,
        f"{enqueued:,} to be enqueued",
        limit_seconds=1_800,
        every_seconds=0.2,
    )


def _kill_at_work(host: Host) -> None:
    """At any point of a batch, which takes some hundred milliseconds."""
    time.sleep(random.uniform(0, 0.3))
    host.kill()
