"""From a dead job's message to the one that tries again."""

from datetime import datetime, timedelta
from typing import Any

from dramatiq import Message
from dramatiq.errors import DecodeError
from pydantic import ValidationError

from leeward.jobs.canonical import fingerprint
from leeward.jobs.job import Job
from leeward.jobs.kinds import job_type
from leeward.jobs.placement import misplaced
from leeward.jobs.priority import Priority
from leeward.jobs.queue_name import provider_of
from leeward.wire.job_message import ORIGIN
from middleware.deadline import DEFAULT_BUDGET
from storage.replays.claims import Claim

SPENT = frozenset({"retries", "refusals", "errors", "unverified", "traceback", "requeue_timestamp", "deadline"})
"""Options about the failed attempts. The new job begins without them."""


class Unreplayable(Exception):
    """Raised when a dead letter's message would only die again; its text says why, and what to do instead."""


def message_for_replay(claim: Claim, now: datetime) -> "Message[Any]":
    """The message of the job that replays a dead letter: same work, same idempotency key, lane `bulk`, no attempts spent, a new deadline.

    If the message was corrected, the corrected one. It is still the work that its idempotency key identifies: a producer that sends the
    original again gets this job for an answer.

    Raises:
        Unreplayable: its bytes are not a message, or its kind, payload or queue is none that this release knows.
    """
    dead = _decoded(claim.message if claim.edited is None else claim.edited)
    job = _job_type(dead)
    options = {name: value for name, value in dead.options.items() if name not in SPENT}
    if claim.edited is not None and "idempotency_key" in options:
        options["fingerprint"] = _fingerprint(_decoded(claim.message))
    options.setdefault(ORIGIN, dead.message_id)
    budget = DEFAULT_BUDGET if job is None else job.default_deadline
    options |= {
        "priority": Priority.BULK.value,
        "replay_of": str(claim.dead_letter_id),
        "deadline": _ms(now) + budget // timedelta(milliseconds=1),
    }
    return Message(
        queue_name=dead.queue_name,
        actor_name=dead.actor_name,
        args=dead.args,
        kwargs=dead.kwargs,
        options=options,
        message_id=claim.job_id,
        message_timestamp=_ms(now),
    )


def why_not(message: bytes) -> str | None:
    """Why a dead letter with this message would be refused; None when it would be replayed."""
    try:
        _job_type(_decoded(message))
    except Unreplayable as refusal:
        return str(refusal)
    return None


def _fingerprint(dead: "Message[Any]") -> str:
    found = dead.options.get("fingerprint")
    return found if isinstance(found, str) else fingerprint(dead.actor_name, [dead.args, dead.kwargs])


def _decoded(message: bytes) -> "Message[Any]":
    try:
        dead = Message.decode(message)
        provider_of(dead.queue_name)
    except (DecodeError, TypeError, ValueError):
        raise Unreplayable("its bytes are not a message: enqueue the job again") from None
    if not (isinstance(dead.options, dict) and isinstance(dead.kwargs, dict) and isinstance(dead.actor_name, str)):
        raise Unreplayable("its bytes are not a message: enqueue the job again")
    return dead


def _job_type(dead: "Message[Any]") -> type[Job] | None:
    """The contract's model of the job; None for an actor that is not the contract's, whose arguments are its own affair."""
    version = dead.options.get("kind_version")
    if version is None:
        return None
    job = job_type(dead.actor_name, version) if isinstance(version, int) else None
    if job is None:
        raise Unreplayable(
            f"this release does not know version {version!r} of {dead.actor_name}: replay it with the release that does"
        )
    try:
        read, _ = job.from_payload(dead.kwargs.get("payload"))
    except ValidationError as error:
        raise Unreplayable(f"its payload is invalid ({_where(error)}): enqueue a corrected job") from None
    if wrong := misplaced(read, dead.queue_name):
        raise Unreplayable(wrong)
    return job


def _where(error: ValidationError) -> str:
    """The fields and what is wrong with them, never the values: they may be secret."""
    problems = error.errors(include_input=False, include_url=False, include_context=False)
    return "; ".join(f"{'.'.join(map(str, problem['loc'])) or 'payload'}: {problem['msg']}" for problem in problems)


def _ms(instant: datetime) -> int:
    return int(instant.timestamp() * 1000)
