"""Ring: ties a job to what caused it."""

from typing import Any

import dramatiq
from dramatiq import Message
from dramatiq.middleware import Middleware

from broker.delivery.current import current_delivery
from leeward.wire.job_message import INHERITED


class Correlation(Middleware):
    """Stamps a request id on every job, and W3C trace context where there is some. A job that a job enqueues inherits both.

    Logs take the ids from the running delivery (`workers.processes.logs`), so a job that logs nothing pays nothing.
    Failure stance: asks no backend.
    """

    def before_enqueue(self, broker: dramatiq.Broker, message: "Message[Any]", delay: int | None) -> None:
        options = message.options
        parent = current_delivery()
        for name in INHERITED:
            if name not in options and parent is not None and name in parent.options:
                options[name] = parent.options[name]
        if "request_id" not in options:
            # Nothing of ours caused it: it is the beginning of its own story.
            options["request_id"] = message.message_id
