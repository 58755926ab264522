"""Finding a job by its id alone, and taking it off its queue."""

import json
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from dramatiq import Message
from dramatiq.errors import DecodeError

from leeward.cancellation import Cancellation
from leeward.status import JobState, JobStatus, instant
from leeward.wire.dead_letter_id import EPOCH, dead_letter_id
from leeward.wire.keys import ProviderKeys
from leeward.wire.script import Script
from leeward.wire.steps import Steps

CANCELLED_KEPT = timedelta(hours=1)

_status = Script("leeward.wire.scripts", "status.lua")
_cancel = Script("leeward.wire.scripts", "cancel.lua")
_VERDICTS = {verdict.value.encode(): verdict for verdict in Cancellation} | {b"heard": Cancellation.CANCELLING}


def find(providers: Iterable[str], job_id: str) -> Steps[JobStatus | None]:
    """Asks each provider in turn. None when the job is unknown.

    Raises:
        redis.RedisError: Valkey cannot be reached.
    """
    for provider in providers:
        reply = yield from _status.steps(ProviderKeys(provider).root, ["", job_id])
        if reply:
            return _read(provider, job_id, reply)
    return None


def cancel(
    providers: Iterable[str], job_id: str, *, again: bool = False, running: bool = True
) -> Steps[Cancellation | None]:
    """Takes a waiting job off its queue or schedule and frees its idempotency key; informs the worker of a running one.

    Returns:
        None when it is unknown.

    Args:
        providers: whose job it may be; each is asked in turn.
        job_id: the job.
        again: this may be a repetition; a job that is cancelled by now was cancelled by the first call.
        running: whether a running job is to end, too.

    Raises:
        redis.RedisError: Valkey cannot be reached.
    """
    providers = list(providers)
    kept_ms = int(CANCELLED_KEPT.total_seconds() * 1000)
    for provider in providers:
        verdict = yield from _cancel.steps(
            ProviderKeys(provider).root, [job_id, kept_ms, "message", "1" if running else ""]
        )
        if verdict != b"unknown":
            return _VERDICTS[verdict]
    found = yield from find(providers, job_id)
    if found is None:
        return None
    return Cancellation.CANCELLED if again and found.state is JobState.CANCELLED else Cancellation.ENDED


def _read(provider: str, job_id: str, reply: list[Any]) -> JobStatus:
    state, message, at, delivery, progress, outcome, _now, cancelling = reply
    if state == b"ended":
        return ended(provider, job_id, json.loads(outcome.decode(errors="replace")))
    decoded = _decoded(message)
    number, _, worker = delivery.decode().partition("@")
    return JobStatus(
        job_id,
        provider,
        JobState(state.decode()),
        queue=decoded.queue_name,
        kind=decoded.actor_name,
        due=instant(float(at)) if state == b"scheduled" else None,
        attempts=decoded.options.get("retries", 0),
        deliveries=int(number or 0),
        worker=worker or None,
        progress=json.loads(progress) if progress else None,
        **_given(decoded.options),
        cancelling=cancelling.decode() or None,
    )


def ended(provider: str, job_id: str, outcome: dict[str, Any]) -> JobStatus:
    """The status of a job of which only its outcome is left (`outcome.lua`)."""
    number, _, worker = str(outcome.get("token") or "").partition("@")
    letter = None
    if outcome.get("entry"):
        died_at = EPOCH + timedelta(milliseconds=int(outcome["at"]))
        letter = str(dead_letter_id(f"{provider}/{outcome['entry']}", died_at))
    return JobStatus(
        job_id,
        provider,
        JobState(outcome["state"]),
        queue=outcome.get("queue"),
        kind=outcome.get("kind"),
        attempts=outcome.get("attempts") or 0,
        deliveries=int(number or 0),
        worker=worker or None,
        reason=outcome.get("reason"),
        error=outcome.get("error"),
        dead_letter_id=letter,
        result=outcome.get("result"),
        tags=tuple(outcome.get("tags") or ()),
    )


def _given(options: dict[str, Any]) -> dict[str, Any]:
    """What the producer said of the job, as far as it is what it must be: any program can write a message."""
    tags = options.get("tags")
    texts = {name: value for name in ("partition", "request_id") if isinstance(value := options.get(name), str)}
    return {"tags": tuple(tag for tag in tags if isinstance(tag, str)) if isinstance(tags, list) else (), **texts}


def _decoded(message: bytes | str) -> "Message[Any]":
    """The message, or an empty one for bytes that are none: such a job can still be shown and cancelled."""
    try:
        return Message.decode(message if isinstance(message, bytes) else message.encode())
    except DecodeError:
        return Message(queue_name="", actor_name="", args=(), kwargs={}, options={})
