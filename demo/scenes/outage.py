"""Jellyfin fails, and comes back."""

import time

from demo.accounting.orders import Family
from demo.run import RARELY, Run
from demo.scenes import misbehaviour
from leeward import JobState

_HEAD_START = 6
"""One of so many accounts is made before the outage."""


def begin(performance: Run) -> float:
    """Some of the work is done, then every answer is 503. Returns until when, in seconds of `time.monotonic`."""
    jellyfin, pace = performance.stage.jellyfin, performance.pace
    wanted = pace.users // _HEAD_START + jellyfin.counts().get("user_created", 0)
    performance.wait_until(lambda: jellyfin.counts().get("user_created", 0) >= wanted, "the first accounts to be made")
    misbehaviour.unavailable(jellyfin, pace)
    asked = f"Retry-After: {pace.retry_after.total_seconds():.0f}"
    performance.screen.say(f"Jellyfin answers 503 to everything, {asked}", style="bold red")
    return time.monotonic() + pace.unavailable.total_seconds()


def look_closer(performance: Run) -> None:
    """Asks the fleet why a job waits, as a person would."""
    watch, jobs = performance.watch, performance.stage.admin.jobs
    performance.wait_until(lambda: watch.is_open("jellyfin"), "Jellyfin's circuit to open")
    accounts = [each.job_id for each in performance.orders.effects if each.family is Family.SYNC]
    waiting = next((job_id for job_id in accounts if jobs.status(job_id).state is JobState.READY), None)
    if waiting is not None:
        performance.run_command("job", "why", waiting)
        performance.screen.gap()


def end(performance: Run, until: float) -> None:
    """It refuses connections for a moment; then it works, and loses a few answers."""
    jellyfin, screen = performance.stage.jellyfin, performance.screen
    performance.wait_until(lambda: time.monotonic() >= until, "the outage to end")
    refused, waiting = sum(jellyfin.hits()), performance.watch.waiting("jellyfin")
    screen.say(f"{refused} requests have met the 503, while {waiting} jobs waited for Jellyfin")
    misbehaviour.refusing(jellyfin)
    screen.say("Jellyfin resets every connection", style="bold red")
    performance.let_pass(performance.pace.refusing)
    lost = misbehaviour.back_with_lost_answers(jellyfin)
    screen.say(f"Jellyfin is back; its answers to {lost} creations get lost on the way", style="bold green")


def settle_down(performance: Run) -> None:
    """Until nothing waits and nothing runs."""
    watch = performance.watch
    performance.wait_until(lambda: watch.pending() == 0, "every job to come to an end", every=RARELY)
    performance.screen.say("nothing waits and nothing runs any more")
