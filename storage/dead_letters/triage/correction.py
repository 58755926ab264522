"""A dead job's message with another payload: the rule of what may be corrected."""

from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from leeward.errors import Refused
from leeward.jobs.canonical import fingerprint
from leeward.jobs.job import Job
from leeward.jobs.kinds import job_type
from leeward.wire.limits import MESSAGE_LIMIT_BYTES
from storage.payloads.message import closed, member, opened, payload_of
from storage.payloads.payload_problems import problems_of
from storage.payloads.redaction import missing, redacted


class InvalidCorrection(Refused, ValueError):
    """Raised when a payload cannot take the place of a dead job's; its text names fields, never values."""

    code = "invalid_correction"


@dataclass(frozen=True, slots=True)
class Correction:
    """A corrected message.

    Attributes:
        message: what a replay enqueues.
        stored: the same without its secrets, as it may be written down.
        payload: what `stored` asks for.
        before, after: the fields that differ from what a replay would have taken otherwise; without secrets.
    """

    message: bytes
    stored: bytes
    payload: Any
    before: dict[str, Any]
    after: dict[str, Any]


def corrected(original: bytes, current: bytes, payload: object) -> Correction:
    """The message of `original` with this payload; everything else of it stays, the idempotency key, too.

    Args:
        original: the message of the job that died.
        current: what a replay would take now: the original, or an earlier correction.
        payload: the whole new payload; for an actor that is not the contract's its `args` and `kwargs`.

    Raises:
        InvalidCorrection: the payload does not fit the job's kind, still lacks a secret or changes the provider; or the message is
            none.
    """
    # Read again without secrets: a release that wrote it may have known fewer of them.
    body, before = opened(original), redacted(current).body
    if body is None or before is None:
        raise InvalidCorrection("its bytes are not a message, so there is no payload to correct: enqueue the job again")
    model = _model(body)
    body |= _arguments_of_a_stock_actor(payload) if model is None else _checked(model, body, payload)
    options = member(body, "options")
    if "fingerprint" in options:
        options["fingerprint"] = fingerprint(str(body.get("actor_name")), payload_of(body))
    _refuse_what_is_missing(payload_of(body))
    message = closed(body)
    if len(message) > MESSAGE_LIMIT_BYTES:
        raise InvalidCorrection(f"the message would have {len(message):,} bytes; {MESSAGE_LIMIT_BYTES:,} is the limit")
    kept = redacted(message)
    old, new = payload_of(before), payload_of(kept.body or {})
    return Correction(message, kept.message, new, *differences(old, new))


def differences(before: object, after: object) -> tuple[dict[str, Any], dict[str, Any]]:
    """The fields of each payload that the other has not, or has with another value."""
    old = before if isinstance(before, dict) else {"payload": before}
    new = after if isinstance(after, dict) else {"payload": after}
    return _beyond(old, new), _beyond(new, old)


def _beyond(these: dict[str, Any], those: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in these.items() if name not in those or those[name] != value}


def _model(body: dict[str, Any]) -> type[Job] | None:
    """The contract's model of the job; None for an actor that is not the contract's, whose arguments are its own affair."""
    kind, version = body.get("actor_name"), member(body, "options").get("kind_version")
    if version is None:
        return None
    model = job_type(kind, version) if isinstance(kind, str) and isinstance(version, int) else None
    if model is None:
        raise InvalidCorrection(
            f"this release does not know version {version!r} of {kind}: correct it with the release that does"
        )
    return model


def _checked(model: type[Job], body: dict[str, Any], payload: object) -> dict[str, Any]:
    try:
        job = model.model_validate(payload)
    except ValidationError as error:
        raise InvalidCorrection(f"this is not a valid {model.kind}: {problems_of(model, error)}") from None
    if job.queue != body.get("queue_name"):
        raise InvalidCorrection(
            f"provider: the job is for the queue {body.get('queue_name')}; for another provider enqueue a job of its own"
        )
    return {"kwargs": {"payload": job.to_payload()}}


def _arguments_of_a_stock_actor(payload: object) -> dict[str, Any]:
    match payload:
        case {"args": list() as args, "kwargs": dict() as kwargs, **rest} if not rest:
            return {"args": args, "kwargs": kwargs}
    raise InvalidCorrection('the payload of an actor that is not the contract\'s is {"args": [...], "kwargs": {...}}')


def _refuse_what_is_missing(payload: Any) -> None:
    if places := missing(payload):
        raise InvalidCorrection(
            f"secrets are not kept with a dead letter, and this payload still lacks one ({', '.join(sorted(places))}): set it, or leave it"
            " out"
        )
