"""Ring: a payload matches its schema, and is where it belongs, or the job does not run."""

from typing import Any, NoReturn

import dramatiq
import structlog
from dramatiq import Message
from dramatiq.broker import MessageProxy
from dramatiq.middleware import Middleware, MiddlewareError, SkipMessage
from pydantic import ValidationError

from broker.delivery import Delivery
from broker.outcomes import Dead, DeadReason
from leeward.address import misaddressed, misplaced
from leeward.job import Job
from leeward.kinds import job_type

_log = structlog.get_logger(__name__)


class InvalidPayload(MiddlewareError, ValueError):
    """Raised at enqueue when a payload does not match its actor's schema, or does not belong on its queue. Nothing was enqueued."""


class Contract(Middleware):
    """Turns the payload of an actor that was declared for a job type into an instance of it.

    Owns the actor option `job`, a `leeward.Job` type. A payload that does not fit, or that belongs to another provider or family than the
    queue, is refused at enqueue and a dead letter at delivery: no retry can correct it, and the queue's provider is not the cause. Fields
    from a newer producer are left out and logged. Stock actors, which have no `job`, have no payload to check: their messages only have
    to be in the queue that they are addressed to. Failure stance: asks no backend.
    """

    @property
    def actor_options(self) -> set[str]:
        return {"job"}

    def before_enqueue(self, broker: dramatiq.Broker, message: "Message[Any]", delay: int | None) -> None:
        actor = broker.actors.get(message.actor_name)
        if actor is None or "job" not in actor.options:
            return
        try:
            _read(actor.options["job"], message.kwargs, message.options, message.queue_name)
        except (ValidationError, LookupError) as error:
            raise InvalidPayload(f"{message.actor_name}: {_explain(error)}") from None

    def before_process_message(self, broker: dramatiq.Broker, message: MessageProxy) -> None:
        if not isinstance(message, Delivery):
            return
        if wrong := misaddressed(message.addressed_to, message.queue_name):
            _refuse(message, "Misaddressed", wrong)
        declared: type[Job] | None = broker.get_actor(message.actor_name).options.get("job")
        if declared is None:
            return
        try:
            job, unknown = _read(declared, message.kwargs, message.options, message.queue_name)
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
    declared: type[Job], kwargs: dict[str, Any], options: dict[str, Any], queue: str
) -> tuple[Job, frozenset[str]]:
    expected = _known(declared, version := options.get("kind_version", declared.version))
    if expected is None:
        raise LookupError(
            f"version {version} of {declared.kind} is not known here; this release knows {declared.version}"
        )
    if "payload" not in kwargs:
        raise LookupError("there is no `payload` argument: enqueue with the `leeward` client, or send(payload={...})")
    job, unknown = expected.from_payload(kwargs["payload"])
    if wrong := misplaced(job, queue):
        raise Misplaced(wrong)
    return job, unknown


def _known(declared: type[Job], version: object) -> type[Job] | None:
    if type(version) is not int:  # a list cannot be looked up, and True is no 1
        return None
    return declared if version == declared.version else job_type(declared.kind, version)


def _explain(error: ValidationError | LookupError) -> str:
    """What is wrong and where, never with the value: it may be a secret."""
    if isinstance(error, LookupError):
        return str(error.args[0])
    problems = error.errors(include_input=False, include_url=False, include_context=False)
    return "; ".join(f"{'.'.join(map(str, problem['loc'])) or 'payload'}: {problem['msg']}" for problem in problems)
