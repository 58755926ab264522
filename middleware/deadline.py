"""Ring: a job is not done when it is no longer worth doing."""

from datetime import timedelta
from typing import Any

import dramatiq
from dramatiq import Message
from dramatiq.broker import MessageProxy
from dramatiq.middleware import Middleware, SkipMessage

from broker.delivery.delivery import Delivery
from broker.delivery.outcomes import Dead
from leeward.jobs.dead_reason import DeadReason

DEFAULT_BUDGET = timedelta(hours=24)


class Deadline(Middleware):
    """Gives every job a wall-clock budget, counted from when it is due, and ends it as `expired` when that is over.

    Owns the actor option `budget`, a timedelta (24 h when absent); a message's own `deadline`, in ms since the epoch, goes first. The time
    of delivery is the server's, and so is that of enqueueing where a budget counts from it (`leeward/wire/stamps.py`), so neither a
    worker's clock nor a producer's matters. Failure stance: asks no backend.
    """

    @property
    def actor_options(self) -> set[str]:
        return {"budget"}

    def before_enqueue(self, broker: dramatiq.Broker, message: "Message[Any]", delay: int | None) -> None:
        if "deadline" in message.options:
            return
        actor = broker.actors.get(message.actor_name)
        budget: timedelta = actor.options.get("budget", DEFAULT_BUDGET) if actor else DEFAULT_BUDGET
        message.options["deadline"] = message.message_timestamp + (delay or 0) + budget // timedelta(milliseconds=1)

    def before_process_message(self, broker: dramatiq.Broker, message: MessageProxy) -> None:
        deadline_ms = message.options.get("deadline")
        if isinstance(message, Delivery) and isinstance(deadline_ms, int) and message.server_ms > deadline_ms:
            late = timedelta(milliseconds=message.server_ms - deadline_ms)
            message.outcome = Dead(
                DeadReason.EXPIRED, {"type": "DeadlinePassed", "message": f"the deadline passed {late} ago"}
            )
            message.fail()
            raise SkipMessage("the deadline has passed")
