"""Ring: refuses a message with an invalid option, instead of ignoring the option."""

import math
from collections.abc import Callable
from typing import Any

import dramatiq
from dramatiq.broker import MessageProxy
from dramatiq.middleware import Middleware, SkipMessage

from broker.delivery.delivery import EFFECT_OPEN, Delivery
from broker.delivery.outcomes import Dead
from broker.periodic.ticks import TICK
from leeward.flows.follow_up import FLOW
from leeward.jobs.dead_reason import DeadReason
from leeward.jobs.idempotency_key import check_key
from leeward.jobs.partition import check_partition
from leeward.jobs.priority import LANES
from leeward.wire.job_message import ORIGIN
from middleware.idempotency.policy import UnknownOutcome

LARGEST = 2**53
"""Beyond it a number of milliseconds is none: it would be the year 287396."""
LONGEST_BACKOFF_MS = 10 * 365 * 86_400_000


class MessageOptions(Middleware):
    """Ends a job as `invalid` when an option that Leeward or Dramatiq reads is of another type, or out of its range.

    A job whose deadline or time limit cannot be read must not run without one. Unknown options are left alone.

    Failure stance: asks no backend.
    """

    def before_process_message(self, broker: dramatiq.Broker, message: MessageProxy) -> None:
        if not isinstance(message, Delivery):
            return
        wrong = problems(message.options)
        if wrong:
            message.outcome = Dead(DeadReason.INVALID, {"type": "InvalidOptions", "message": "; ".join(wrong)})
            message.fail()
            raise SkipMessage("an option of the message is invalid")


def problems(options: dict[str, Any]) -> list[str]:
    """What is wrong with a message's options, in their order; never with a value: it may be a secret."""
    found = []
    for name, value in options.items():
        if (check := _CHECKS.get(name)) is not None and not check[0](value):
            found.append(f"the option `{name}` must be {check[1]}; this one is {_described(value)}")
    return found


def _described(value: object) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true or false"
        case int() | float():
            return "another number"
        case str():
            return "another text" if value else "an empty text"
        case list() | tuple():
            return "a list"
    return "an object"


def _whole_from(least: int) -> Callable[[object], bool]:
    """Every job passes such a check: one call, and nothing else than what JSON has is a number here."""
    return lambda value: type(value) is int and least <= value < LARGEST


_is_count = _whole_from(0)


def _is_text(value: object) -> bool:
    return isinstance(value, str) and value != ""


def _is_flag(value: object) -> bool:
    return isinstance(value, bool)


def _is_list(value: object) -> bool:
    return isinstance(value, list | tuple)


def _is_number(value: object, least: float, most: float) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and least <= value <= most


def _is_time_limit(value: object) -> bool:
    # Dramatiq's way to set none is infinity; what is below a millisecond is a span in another unit.
    return _is_number(value, 1, LARGEST) or value == math.inf


def _is_backoff(value: object) -> bool:
    return _is_number(value, 0, LONGEST_BACKOFF_MS)


def _passes(check: Callable[[object], None]) -> Callable[[object], bool]:
    def is_accepted(value: object) -> bool:
        try:
            check(value)
        except ValueError:
            return False
        return True

    return is_accepted


def _or_null(check: Callable[[object], bool]) -> Callable[[object], bool]:
    return lambda value: value is None or check(value)


_CHECKS: dict[str, tuple[Callable[[object], bool], str]] = {
    "deadline": (_is_count, "milliseconds since 1970, a whole number"),
    "kind_version": (_whole_from(1), "a whole number above 0"),
    "priority": (lambda value: value in LANES, f"one of {', '.join(LANES)}"),
    "partition": (_or_null(_passes(check_partition)), "a text of 1 to 128 characters"),
    "idempotency_key": (_or_null(_passes(check_key)), "a text of 1 to 255 characters"),
    "fingerprint": (_or_null(_is_text), "a text"),
    "request_id": (_is_text, "a text"),
    "traceparent": (_or_null(_is_text), "a text"),
    ORIGIN: (_or_null(_is_text), "a text"),
    "replay_of": (_or_null(_is_text), "a text"),
    FLOW: (_or_null(lambda value: isinstance(value, dict)), "an object"),
    "retries": (_is_count, "a whole number from 0"),
    "refusals": (_is_count, "a whole number from 0"),
    "errors": (_is_list, "a list"),
    "unverified": (_is_flag, "true or false"),
    EFFECT_OPEN: (_is_flag, "true or false"),
    TICK: (_is_text, "a text"),
    "unknown_outcome": (lambda value: value in tuple(UnknownOutcome), f"one of {', '.join(UnknownOutcome)}"),
    "max_retries": (_or_null(_is_count), "a whole number from 0"),
    "min_backoff": (_or_null(_is_backoff), "milliseconds, from 0 to ten years"),
    "max_backoff": (_or_null(_is_backoff), "milliseconds, from 0 to ten years"),
    "max_age": (_or_null(lambda value: _is_number(value, 0, LARGEST)), "milliseconds, a number from 0"),
    "time_limit": (_or_null(_is_time_limit), "milliseconds, a number from 1"),
    "notify_shutdown": (_or_null(_is_flag), "true or false"),
    "pipe_ignore": (_or_null(_is_flag), "true or false"),
    "pipe_target": (_or_null(lambda value: isinstance(value, dict)), "a message"),
    "on_success": (_or_null(_is_text), "the name of an actor"),
    "on_failure": (_or_null(_is_text), "the name of an actor"),
}
"""What each option must be: the check, and the same in words."""
