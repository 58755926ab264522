"""The only ways in which a delivery can end."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from leeward.jobs.dead_reason import DeadReason


@dataclass(frozen=True, slots=True)
class Done:
    """The job is over and its result is kept for its time to live."""

    result: Any = None


@dataclass(frozen=True, slots=True)
class Retry:
    """The job runs again after a delay. Spends an attempt."""

    delay: timedelta


@dataclass(frozen=True, slots=True)
class Defer:
    """The job waits for something that is not its fault. Spends no attempt."""

    delay: timedelta
    cause: str


@dataclass(frozen=True, slots=True)
class Hold:
    """The provider wants to be left alone: the job waits in its lane, and every other job of the provider with it. Spends no attempt.

    Attributes:
        delay: for how long.
        cause: why, for people.
        probe: whether probes are to find out that it is over, as after a refused login; otherwise the time alone decides.
    """

    delay: timedelta
    cause: str
    probe: bool = False


@dataclass(frozen=True, slots=True)
class Release:
    """The job goes back to the head of its queue, as if it had not been fetched. Spends no attempt."""


@dataclass(frozen=True, slots=True)
class Dead:
    """The job goes to the dead letter queue.

    Attributes:
        reason: why.
        error: what happened, as JSON: `type`, `message`, `provider`, `operation`, `status`, `traceback`; absent keys are unknown. When the
            delivery settles, `effect` is added: `open` when the job's effect may have happened, `none` when it has not begun, or was
            refused.
    """

    reason: DeadReason
    error: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Cancelled:
    """The job ends because someone cancelled it while it ran, before its effect began. Its idempotency key is free."""


Outcome = Done | Retry | Defer | Hold | Release | Dead | Cancelled
