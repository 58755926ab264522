"""What is probably behind a group of failures, and what to do next. A rule: a table to be read, from the most certain sign down."""

from dataclasses import dataclass
from enum import StrEnum

from storage.dead_letters.trend import Direction
from storage.reason import Reason


class Cause(StrEnum):
    OUTAGE = "outage"
    """The provider was away or broken."""
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
class Symptom:
    """What is known of a group.

    Attributes:
        reason, error_type, status: of its newest letter.
        sample: that letter's id.
        repeatable: whether a replay by filter takes that letter without a word on why it is safe.
    """

    fingerprint: str
    provider: str
    reason: Reason
    error_type: str | None
    status: int | None
    direction: Direction
    sample: str = "ID"
    repeatable: bool = True


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What to do next.

    Attributes:
        cause: what is probably behind it.
        next_step: a sentence or two for people.
        commands: what to type for it, in this order.
    """

    cause: Cause
    next_step: str
    commands: tuple[str, ...]


_LOOK = "leeward dlq list --fingerprint {fingerprint}"
_PROVIDER = "leeward provider show {provider}"
_TRY_REPLAY = "leeward dlq replay --fingerprint {fingerprint} --dry-run"
_DISCARD = "leeward dlq discard --fingerprint {fingerprint} --note 'why'"
_CHECK = "leeward check"

_EFFECT_MAY_HAVE_HAPPENED = "What such a job did may have happened: make sure that it has not before you replay it."
_SINCE_OVER = frozenset({Direction.QUIET, Direction.FALLING})

_OUTAGE_GOES_ON = Suggestion(
    Cause.OUTAGE,
    "The provider fails now. See whether its circuit is open; replay when it is healthy again.",
    (_PROVIDER, _TRY_REPLAY),
)
_OUTAGE_IS_OVER = Suggestion(
    Cause.OUTAGE,
    "The provider failed, and hardly does any more. If it is healthy, replay: what was done meanwhile is not done twice.",
    (_PROVIDER, _TRY_REPLAY),
)
_TARGET = Suggestion(
    Cause.TARGET,
    "What these jobs are for, as a full mailbox, refused until their time was over. Replay when it no longer does, or discard them.",
    (_LOOK, _TRY_REPLAY, _DISCARD),
)
_RATE_LIMIT = Suggestion(
    Cause.RATE_LIMIT,
    "The provider asks for less. Set a rate that it grants, then replay slowly.",
    (
        _PROVIDER,
        "leeward provider set {provider} rate=1",
        "leeward dlq replay --fingerprint {fingerprint} --rate 1 --dry-run",
    ),
)
_QUOTA = Suggestion(
    Cause.RATE_LIMIT,
    "An allowance is used up. Ask the provider for a larger one or wait until it is new, then replay slowly.",
    (_PROVIDER, "leeward dlq replay --fingerprint {fingerprint} --rate 1 --dry-run"),
)
_CREDENTIALS = Suggestion(
    Cause.CREDENTIALS,
    "Our credentials are refused. Renew them, restart the workers, have the provider probed, then replay.",
    (_CHECK, "leeward provider probe {provider}", _TRY_REPLAY),
)
_CONFIGURATION = Suggestion(
    Cause.CONFIGURATION,
    "An address, a folder or a permission is not what it must be, as the message says. Mend it, have it checked, then replay.",
    (_CHECK, "leeward provider probe {provider}", _TRY_REPLAY),
)
_BAD_INPUT = Suggestion(
    Cause.BAD_INPUT,
    "The provider refuses what these jobs ask for. If it was wrong and is mended, replay; else correct them and replay, or discard them.",
    (_LOOK, _TRY_REPLAY, "leeward dlq edit {sample} --set FIELD=VALUE", _DISCARD),
)
_BUG = Suggestion(
    Cause.BUG,
    "An error that no client has given a meaning: read the traceback, mend the code, deploy it, then replay.",
    (_LOOK, _TRY_REPLAY),
)
_CRASH = Suggestion(
    Cause.CRASH,
    "It killed worker after worker: look for memory limits and native crashes in their logs, and replay one alone first.",
    (_LOOK, "leeward dlq replay --fingerprint {fingerprint} --limit 1"),
)
_UNKNOWN_OUTCOME = Suggestion(
    Cause.UNKNOWN_OUTCOME,
    "The effect may have happened. Look at the provider for each: discard what is there, replay what is not.",
    (_LOOK, "leeward dlq replay {sample} --dry-run", "leeward dlq discard {sample} --note 'it was there'"),
)
_TOO_LATE = Suggestion(
    Cause.TOO_LATE,
    "It waited longer than its deadline allows. Replay what is still wanted, with a new deadline; if queues are long, add workers.",
    ("leeward queues", _TRY_REPLAY),
)
_CONTENTION = Suggestion(
    Cause.CONTENTION,
    "Another worker was at the same thing all the time. See what that one does; replay when it is done.",
    (_LOOK, _TRY_REPLAY),
)
_CONTRACT = Suggestion(
    Cause.CONTRACT,
    "The producer sent what the schema does not allow. Mend the producer and let it enqueue again; discard these.",
    (_LOOK, _DISCARD),
)
_NO_MESSAGE = Suggestion(
    Cause.CONTRACT,
    "The bytes are no message that this release reads. Find out who wrote them; enqueue the work again, and discard these.",
    (_LOOK, _DISCARD),
)
_NO_ACTOR = Suggestion(
    Cause.CONTRACT,
    "No worker knows this kind of job. Deploy workers that do before the producers that need them, then replay.",
    (_LOOK, _TRY_REPLAY),
)

BY_REASON: dict[Reason, Suggestion] = {
    Reason.CRASH_LOOP: _CRASH,
    Reason.INVALID: _CONTRACT,
    Reason.UNDECODABLE: _NO_MESSAGE,
    Reason.UNKNOWN_ACTOR: _NO_ACTOR,
    Reason.UNKNOWN_OUTCOME: _UNKNOWN_OUTCOME,
}
"""Reasons that say it all, whatever the error."""

BY_ERROR: dict[str, Suggestion] = {
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

BY_STATUS: dict[int, Suggestion] = {401: _CREDENTIALS, 403: _CREDENTIALS, 429: _RATE_LIMIT}
"""Only those that mean nothing else in any protocol that has three digits: 503 is an outage to HTTP, and an order of commands to SMTP."""

OTHERWISE: dict[Reason, Suggestion] = {
    Reason.EXHAUSTED: _BUG,
    Reason.PERMANENT: _BAD_INPUT,
    Reason.EXPIRED: _TOO_LATE,
}


def suggest(symptom: Symptom) -> Suggestion:
    """The row of the table for a group, with its commands filled in."""
    row = _row(symptom)
    if row is _OUTAGE_GOES_ON and symptom.direction in _SINCE_OVER:
        row = _OUTAGE_IS_OVER
    names = {"fingerprint": symptom.fingerprint, "provider": symptom.provider, "sample": symptom.sample}
    commands = tuple(command.format_map(names) for command in row.commands)
    if symptom.repeatable:
        return Suggestion(row.cause, row.next_step, commands)
    next_step = f"{row.next_step} {_EFFECT_MAY_HAVE_HAPPENED}"
    return Suggestion(row.cause, next_step, tuple(_with_reason(command) for command in commands))


def _with_reason(command: str) -> str:
    """A replay by filter takes what may have had its effect only with the reason why that is safe."""
    by_filter = command.startswith("leeward dlq replay --fingerprint")
    return f"{command} --unsafe-ok 'why nothing is repeated'" if by_filter else command


def _row(symptom: Symptom) -> Suggestion:
    return (
        BY_REASON.get(symptom.reason)
        or BY_ERROR.get(symptom.error_type or "")
        or BY_STATUS.get(symptom.status or 0)
        or OTHERWISE[symptom.reason]
    )
