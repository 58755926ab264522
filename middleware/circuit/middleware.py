"""Ring: reports the result of a call to the circuit."""

import time
from typing import Any

import dramatiq
from dramatiq.broker import MessageProxy
from dramatiq.middleware import Middleware

from broker.delivery.delivery import Delivery
from middleware.circuit.evidence import call_of, is_outage


class Circuit(Middleware):
    """Notes on the delivery what it says about its provider; `settle.lua` counts it in the step that records the outcome.

    Failure stance: asks no backend. The circuit is checked in `admit.lua`: while Valkey cannot be reached nothing is admitted at all.
    """

    def after_process_message(
        self,
        broker: dramatiq.Broker,
        message: MessageProxy,
        *,
        result: Any = None,
        exception: BaseException | None = None,
    ) -> None:
        if isinstance(message, Delivery) and message.started is not None:
            message.seconds = time.monotonic() - message.started
            message.call = call_of(exception)
            if exception is not None:
                message.outage = is_outage(exception, effect_marked=message.effect_marked)
