"""A log line for each delivery that ends. A thread of its own writes many at once: what a job pays is to be noted."""

import time
from collections import deque
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from broker.delivery.delivery import Delivery
from broker.delivery.outcomes import Dead, Defer, Hold, Outcome, Retry
from broker.events import DeliveryEnded, Events
from broker.threads.vital_thread import VitalThread
from leeward.jobs.dead_reason import DeadReason

EVENT = "job_ended"
WRITE_EVERY_SECONDS = 0.2
MOST = 20_000
"""Lines that wait while standard error takes none; further ones are counted instead."""

Line = dict[str, Any]


class JobLines(VitalThread):
    """Begins with `start`. What a killed process had not written yet, of the last fifth of a second, is lost.

    Args:
        write: takes lines in their order.
        most: how many wait.
    """

    def __init__(self, write: Callable[[Sequence[Line]], None], *, most: int = MOST) -> None:
        super().__init__("leeward-job-lines")
        self._write = write
        self._most = most
        self._ended: deque[tuple[DeliveryEnded, float, float]] = deque()
        self._dropped = 0

    def follow(self, events: Events) -> None:
        """Notes every delivery that ends from now on."""
        events.subscribe(DeliveryEnded, self.note)

    def note(self, event: DeliveryEnded) -> None:
        """In the job's own thread."""
        if len(self._ended) < self._most:
            self._ended.append((event, time.time(), time.monotonic()))
        else:
            self._dropped += 1

    def serve(self) -> None:
        while not self.rest(WRITE_EVERY_SECONDS):
            self.write()
        self.write()

    def stop(self, timeout_seconds: float) -> None:
        """Writes what is left, unless that takes longer."""
        self.ask_to_stop()
        self.join(timeout_seconds)

    def write(self) -> None:
        """Writes what has been noted."""
        found = [line_of(*self._ended.popleft()) for _ in range(len(self._ended))]
        if self._dropped:
            dropped, self._dropped = self._dropped, 0
            found.append(_headed("job_lines_dropped", time.time(), "warning") | {"count": dropped})
        try:
            if found:
                self._write(found)
        except OSError:  # a full disk or a closed pipe must not end a worker
            self._dropped += len(found)


def line_of(event: DeliveryEnded, at: float, monotonic: float) -> Line:
    """What is said of a delivery: times in seconds, `waited` for its first attempt only. Nothing of its payload.

    Args:
        event: that it ended, and how.
        at: when, seconds since 1970.
        monotonic: the same on the monotonic clock.
    """
    delivery, outcome = event.delivery, event.outcome
    line = _headed(EVENT, at, "info")
    line["outcome"] = type(outcome).__name__.lower()
    line["queue"] = delivery.queue_name
    line["kind"] = delivery.actor_name
    line["job"] = delivery.message_id
    line["attempt"] = _attempt(delivery, outcome)
    line["delivery"] = delivery.number
    waited_ms = delivery.waited_ms
    if waited_ms is not None:
        line["waited"] = waited_ms / 1000
    if delivery.started is not None:
        line["took"] = round(monotonic - delivery.started, 4)
    if isinstance(outcome, Retry | Defer | Hold):
        line["again_in"] = outcome.delay.total_seconds()
    elif isinstance(outcome, Dead):
        line["reason"] = outcome.reason.value
    if code := _code(delivery, outcome):
        line["code"] = code
    return line


def _headed(name: str, at: float, level: str) -> Line:
    """As every other line begins."""
    seconds = int(at)
    stamp = f"{_second(seconds)}.{int((at - seconds) * 1_000_000):06d}Z"
    return {"event": name, "level": level, "logger": __name__, "timestamp": stamp}


@lru_cache(maxsize=4)
def _second(seconds: int) -> str:
    """Thousands of lines have the same."""
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}"


def _code(delivery: Delivery, outcome: Outcome) -> object:
    """Of the provider's error that ended this delivery."""
    if isinstance(outcome, Dead):
        return outcome.error.get("code")
    errors = delivery.options.get("errors")
    latest = errors[-1] if isinstance(errors, list) and errors else None
    if not isinstance(latest, dict) or latest.get("delivery") != delivery.number:
        return None
    return latest.get("code") if isinstance(outcome, Retry | Defer | Hold) else None


def _attempt(delivery: Delivery, outcome: Outcome) -> int:
    """1 for the first. A failure has been counted already."""
    failures = delivery.options.get("retries", 0)
    if not isinstance(failures, int) or not failures:
        return 1
    is_counted = isinstance(outcome, Retry) or (isinstance(outcome, Dead) and outcome.reason is DeadReason.EXHAUSTED)
    return failures if is_counted else failures + 1
