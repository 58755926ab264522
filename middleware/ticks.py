"""Ring: a tick of a periodic actor happens once, however many schedulers run."""

from typing import Any

import dramatiq
from dramatiq import Message
from dramatiq.middleware import Middleware

MINUTE = len("2026-11-23T05:53")


class Ticks(Middleware):
    """Keys every message that a scheduler sends by actor and minute, so that a second scheduler's tick is a duplicate and adds nothing.

    periodiq itself has no such protection, and fires once more when it starts in a minute that matches.
    Failure stance: asks no backend; the key is taken in the step that enqueues.
    """

    def before_enqueue(self, broker: dramatiq.Broker, message: "Message[Any]", delay: int | None) -> None:
        at = message.options.get("scheduled_at")
        if isinstance(at, str):
            minute = at.replace(" ", "T")[:MINUTE]
            message.options["idempotency_key"] = f"tick:{message.actor_name}:{minute}"
