"""What is probably behind a group of failures, and what to do next. A rule: a table to be read, from the most certain sign down."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from leeward.actions import Action
from leeward.jobs.dead_reason import DeadReason
from storage.dead_letters.groups import symptom as steps
from storage.dead_letters.groups.symptom import Symptom
from storage.dead_letters.groups.trend import Direction


class Cause(StrEnum):
    OUTAGE = "outage"
    """The provider was unreachable or broken."""
    TARGET = "target"
    """What this job is about refused, while the provider served others."""
    RATE_LIMIT = "rate_limit"
    """The provider gave less than was asked of it."""
    CREDENTIALS = "credentials"
    """The provider does not let us in."""
    CONFIGURATION = "configuration"
    """Something that an operator sets is wrong."""
    BAD_INPUT = "bad_input"
    """The provider will not do what this job asks for."""
    BUG = "bug"
    """Code failed in a way that it was not written for."""
    CRASH = "crash"
    """The job takes its worker down."""
    UNKNOWN_OUTCOME = "unknown_outcome"
    """The effect may have happened."""
    TOO_LATE = "too_late"
    """Its time was over before it could run or succeed."""
    CONTENTION = "contention"
    """Others were at the same thing all the time."""
    CONTRACT = "contract"
    """What was enqueued is not what this release understands."""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What to do next.

    Attributes:
        cause: what is probably behind it.
        next_step: a sentence or two for people.
        actions: the steps of it, in this order.
    """

    cause: Cause
    next_step: str
    actions: tuple[Action, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the table.

    Attributes:
        steps: each makes an action for a group.
    """

    cause: Cause
    next_step: str
    steps: tuple[Callable[[Symptom], Action], ...]


_EFFECT_MAY_HAVE_HAPPENED = "What such a job did may have happened: make sure that it has not before you replay it."
_SINCE_OVER = frozenset({Direction.QUIET, Direction.FALLING})

_OUTAGE_GOES_ON = Row(
    Cause.OUTAGE,
    "The provider fails now. See whether its circuit is open; replay when it is healthy again.",
    (steps.wait, steps.look_at_provider, steps.try_replay),
)
_OUTAGE_IS_OVER = Row(
    Cause.OUTAGE,
    "The provider failed, and hardly does any more. If it is healthy, replay: what was done meanwhile is not done twice.",
    (steps.look_at_provider, steps.try_replay),
)
_TARGET = Row(
    Cause.TARGET,
    "What these jobs are for, as a full mailbox, refused until their time was over. Replay when it no longer does, or discard them.",
    (steps.look, steps.try_replay, steps.discard),
)
_RATE_LIMIT = Row(
    Cause.RATE_LIMIT,
    "The provider asks for less. Set a rate that it grants, then replay slowly.",
    (steps.look_at_provider, steps.lower_rate, steps.replay_slowly),
)
_QUOTA = Row(
    Cause.RATE_LIMIT,
    "An allowance is used up. Ask the provider for a larger one or wait until it is new, then replay slowly.",
    (steps.look_at_provider, steps.replay_slowly),
)
_CREDENTIALS = Row(
    Cause.CREDENTIALS,
    "Our credentials are refused. Renew them, restart the workers, have the provider probed, then replay.",
    (steps.check, steps.probe, steps.try_replay),
)
_CONFIGURATION = Row(
    Cause.CONFIGURATION,
    "An address, a folder or a permission is wrong; the message says which. Correct it, check it, then replay.",
    (steps.check, steps.probe, steps.try_replay),
)
_BAD_INPUT = Row(
    Cause.BAD_INPUT,
    "The provider refuses these jobs. If it was wrong and is fixed, replay; otherwise correct the jobs and replay, or discard them.",
    (steps.look, steps.try_replay, steps.correct, steps.discard),
)
_NOT_THERE = Row(
    Cause.BAD_INPUT,
    "What these jobs name is not there. If it is by now, replay; if they name the wrong thing, correct and replay; otherwise discard.",
    (steps.look, steps.try_replay, steps.correct, steps.discard),
)
_NO_ROOM = Row(
    Cause.TARGET,
    "The mailbox is full, or the mail is too large for it. Replay when there is room, or discard them.",
    (steps.look, steps.try_replay, steps.discard),
)
_BUG = Row(
    Cause.BUG,
    "An error that no client classifies: read the traceback, fix the code, deploy it, then replay.",
    (steps.look, steps.try_replay),
)
_CRASH = Row(
    Cause.CRASH,
    "It killed worker after worker: look for memory limits and native crashes in their logs, and replay one alone first.",
    (steps.look, steps.replay_one),
)
_UNKNOWN_OUTCOME = Row(
    Cause.UNKNOWN_OUTCOME,
    "The effect may have happened. Look at the provider for each: discard what is there, replay what is not.",
    (
        steps.look,
        steps.try_replay_of_newest,
        steps.discard_newest,
    ),
)
_TOO_LATE = Row(
    Cause.TOO_LATE,
    "It waited longer than its deadline allows. Replay what is still wanted, with a new deadline; if queues are long, add workers.",
    (steps.look_at_queues, steps.try_replay),
)
_CONTENTION = Row(
    Cause.CONTENTION,
    "Another worker was at the same thing all the time. See what that one does; replay when it is done.",
    (steps.look, steps.try_replay),
)
_CONTRACT = Row(
    Cause.CONTRACT,
    "The producer sent a payload that the schema does not allow. Fix the producer and let it enqueue again; discard these.",
    (steps.look, steps.discard),
)
_NO_MESSAGE = Row(
    Cause.CONTRACT,
    "The bytes are not a message that this release can read. Find out who wrote them, enqueue the work again, and discard these.",
    (steps.look, steps.discard),
)
_NO_ACTOR = Row(
    Cause.CONTRACT,
    "No worker knows this kind of job. Deploy workers that do before the producers that need them, then replay.",
    (steps.look, steps.try_replay),
)

BY_REASON: dict[DeadReason, Row] = {
    DeadReason.CRASH_LOOP: _CRASH,
    DeadReason.INVALID: _CONTRACT,
    DeadReason.UNDECODABLE: _NO_MESSAGE,
    DeadReason.UNKNOWN_ACTOR: _NO_ACTOR,
    DeadReason.UNKNOWN_OUTCOME: _UNKNOWN_OUTCOME,
}
"""Reasons that say it all, whatever the error."""

BY_ERROR: dict[str, Row] = {
    # leeward/extension/errors.py
    "Transient": _OUTAGE_GOES_ON,
    "RateLimited": _RATE_LIMIT,
    "QuotaExceeded": _QUOTA,
    "AuthFailed": _CREDENTIALS,
    "Misconfigured": _CONFIGURATION,
    "Busy": _CONTENTION,
    "TargetUnavailable": _TARGET,
    "Permanent": _BAD_INPUT,
    "Ambiguous": _UNKNOWN_OUTCOME,
    # What stock actors meet without a client of ours between.
    "ConnectionError": _OUTAGE_GOES_ON,
    "ConnectionRefusedError": _OUTAGE_GOES_ON,
    "ConnectionResetError": _OUTAGE_GOES_ON,
    "TimeoutError": _OUTAGE_GOES_ON,
    "ConnectError": _OUTAGE_GOES_ON,
    "ConnectTimeout": _OUTAGE_GOES_ON,
    "ReadTimeout": _OUTAGE_GOES_ON,
    "gaierror": _OUTAGE_GOES_ON,
    "PermissionError": _CONFIGURATION,
    "DeadlinePassed": _TOO_LATE,
    "UnknownOutcome": _UNKNOWN_OUTCOME,
}

BY_STATUS: dict[int, Row] = {401: _CREDENTIALS, 403: _CREDENTIALS, 429: _RATE_LIMIT}
"""Only those that mean nothing else in any protocol that has three digits: 503 is an outage in HTTP, and a wrong command in mail."""

OF_REFUSALS: dict[int, Row] = {404: _NOT_THERE, 410: _NOT_THERE, 552: _NO_ROOM}
"""Statuses that say why a provider will not do it: HTTP's, and that of mail (RFC 5321: exceeded storage allocation)."""

OTHERWISE: dict[DeadReason, Row] = {
    DeadReason.EXHAUSTED: _BUG,
    DeadReason.PERMANENT: _BAD_INPUT,
    DeadReason.EXPIRED: _TOO_LATE,
}


def diagnose(symptom: Symptom) -> Diagnosis:
    """The row of the table for a group, with its actions."""
    row = _row(symptom)
    if row is _OUTAGE_GOES_ON and symptom.direction in _SINCE_OVER:
        row = _OUTAGE_IS_OVER
    if row is _BAD_INPUT:
        row = OF_REFUSALS.get(symptom.status or 0, row)
    next_step = row.next_step if symptom.repeatable else f"{row.next_step} {_EFFECT_MAY_HAVE_HAPPENED}"
    return Diagnosis(row.cause, next_step, tuple(step(symptom) for step in row.steps))


def _row(symptom: Symptom) -> Row:
    return (
        BY_REASON.get(symptom.reason)
        or BY_ERROR.get(symptom.error_type or "")
        or BY_ERROR.get(symptom.provider_error or "")
        or BY_STATUS.get(symptom.status or 0)
        or OTHERWISE[symptom.reason]
    )
