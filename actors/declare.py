"""How an actor comes to be: a plain function of one job, bound to a broker by its kind."""

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any, TypeVar

import dramatiq

from broker.delivery.current import keep_result
from leeward.jobs.job import Job

J = TypeVar("J", bound=Job)


def declare(
    broker: dramatiq.Broker,
    job_type: type[J],
    function: Callable[[J], Any],
    *,
    queues: Iterable[str],
    **options: Any,
) -> dramatiq.Actor[..., Any]:
    """Declares the actor of a job type on every queue where its jobs wait.

    Args:
        broker: where to declare it.
        job_type: the model; its `kind` becomes the actor's name. The contract ring turns each payload into an instance of it.
        function: does the job. Its return value, a JSON object, is the job's result. It raises
            `leeward.extension.errors` to say what went wrong.
        queues: the queues, one for each configured provider of the family; the first is the actor's own.
        options: actor options that the rings own, as `retry_preset="standard"` or `unknown_outcome="park"`.

    Raises:
        ValueError: an option that no ring owns, or no queue.
    """
    names = list(queues)
    if not names:
        raise ValueError(
            f"{job_type.kind} needs at least one queue: configure a provider of the family {job_type.family!r}"
        )
    bind = dramatiq.actor(actor_name=job_type.kind, queue_name=names[0], broker=broker, job=job_type, **options)
    actor: dramatiq.Actor[..., Any] = bind(_keeping_result(function))
    for name in names[1:]:
        broker.declare_queue(name)
    return actor


def _keeping_result(function: Callable[[J], Any]) -> Callable[[J], Any]:
    # Dramatiq warns about every value that an actor returns to it; ours go to the delivery instead.
    @wraps(function)
    def run(job: J) -> Any:
        return keep_result(function(job))

    return run
