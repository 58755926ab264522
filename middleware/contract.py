"""Ring: a payload matches its schema, and is where it belongs, or the job does not run."""

from collections.abc import Iterable
from typing import Any, NoReturn

import dramatiq
import structlog
from dramatiq import Message
from dramatiq.broker import MessageProxy
from dramatiq.middleware import Middleware, MiddlewareError, SkipMessage
from pydantic import ValidationError

from broker.delivery.delivery import Delivery
from broker.delivery.outcomes import Dead
from leeward.jobs.dead_reason import DeadReason
from leeward.jobs.job import Job
from leeward.jobs.placement import misaddressed, misplaced

_log = structlog.get_logger(__name__)


class InvalidPayload(MiddlewareError, ValueError):
    """Raised at enqueue when a payload does not match its actor's schema, or does not belong on its queue. Nothing was enqueued."""


class Contract(Middleware):
    """Turns the payload of an actor that was declared for a job type into an instance of it.

    Owns the actor options `job`, a `leeward.Job` type, and `accepts`, older versions of it, whose jobs are upgraded (`Job.upgraded`). A
    payload that does not fit, or that belongs to another provider or family than the queue, is refused at enqueue and a dead letter at
    delivery: no retry can correct it, and the queue's provider is not the cause. Fields from a newer producer are left out and logged.
    Stock actors, which have no `job`, have no payload to check: their messages only have to be in the queue that they are addressed to.
    Failure stance: asks no backend.
    """

    @property
    def actor_options(self) -> set[str]:
        return {"job", "accepts"}

    def before_enqueue(self, broker: dramatiq.Broker, message: "Message[Any]", delay: int | None) -> None:
        actor = broker.actors.get(message.actor_name)
        if actor is None or "job" not in actor.options:
            return
        try:
            _read(actor.options, message.kwargs, message.options, message.queue_name)
        except (ValidationError, LookupError) as error:
            raise InvalidPayload(f"{message.actor_name}: {_explain(error)}") from None

    def before_process_message(self, broker: dramatiq.Broker, message: MessageProxy) -> None:
        if not isinstance(message, Delivery):
            return
        if wrong := misaddressed(message.addressed_to, message.queue_name):
            _refuse(message, "Misaddressed", wrong)
        actor = broker.actors.get(message.actor_name)
        if actor is None or "job" not in actor.options:
            return
        try:
            job, unknown = _read(actor.options, message.kwargs, message.options, message.queue_name)
        except (ValidationError, LookupError) as error:
            _refuse(message, type(error).__name__, _explain(error))
        if unknown:
            _log.warning("unknown_fields_left_out", kind=job.kind, fields=sorted(unknown))
        message.args, message.kwargs = (job,), {}


class Misplaced(LookupError):
    """Raised when a payload is not that of its queue."""


def _refuse(delivery: Delivery, kind: str, why: str) -> NoReturn:
    delivery.outcome = Dead(DeadReason.INVALID, {"type": kind, "message": why})
    delivery.fail()
    raise SkipMessage("the job is invalid")


def _read(
    actor: dict[str, Any], kwargs: dict[str, Any], options: dict[str, Any], queue: str
) -> tuple[Job, frozenset[str]]:
    """Reads with the actor's options and the message's."""
    declared: type[Job] = actor["job"]
    version = options.get("kind_version", declared.version)
    expected = declared if _is(version, declared) else _accepted(actor.get("accepts", ()), version)
    if expected is None:
        raise LookupError(
            f"version {version} of {declared.kind} is not known here; this release knows {declared.version}"
        )
    if "payload" not in kwargs:
        raise LookupError("there is no `payload` argument: enqueue with the `leeward` client, or send(payload={...})")
    job, unknown = expected.from_payload(kwargs["payload"])
    if wrong := misplaced(job, queue):
        raise Misplaced(wrong)
    return (job if expected is declared else _upgraded(job, declared)), unknown


def _is(version: object, job: type[Job]) -> bool:
    return type(version) is int and version == job.version  # a list cannot be compared, and True is no 1


def _accepted(older: Iterable[type[Job]], version: object) -> type[Job] | None:
    return next((job for job in older if _is(version, job)), None)


def _upgraded(job: Job, declared: type[Job]) -> Job:
    """An older version says itself what it means in a newer one."""
    older = type(job).__name__
    try:
        found = _newest(job, declared)
    except (ValidationError, LookupError):
        raise
    except Exception as error:  # let out of here, Dramatiq would run the job with what it could not read
        raise LookupError(f"{older}.upgraded() raises {type(error).__name__}") from None
    if found is None:
        raise LookupError(f"{older}.upgraded() does not lead to {declared.__name__}")
    return found


def _newest(job: Job, declared: type[Job]) -> Job | None:
    while not isinstance(job, declared):
        newer = job.upgraded()
        if newer is job:
            return None
        job = newer
    return job


def _explain(error: ValidationError | LookupError) -> str:
    """What is wrong and where, never with the value: it may be a secret."""
    if isinstance(error, LookupError):
        return str(error.args[0])
    problems = error.errors(include_input=False, include_url=False, include_context=False)
    return "; ".join(f"{'.'.join(map(str, problem['loc'])) or 'payload'}: {problem['msg']}" for problem in problems)
