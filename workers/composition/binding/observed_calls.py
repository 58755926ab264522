"""Reports the calls that the providers of a worker process make: an event for its subscribers, and at debug a line in the log."""

import logging

import structlog

from broker.events import Events, ProviderCalled
from leeward.extension import MeasuredCall

_log = structlog.get_logger(__name__)
_level = logging.getLogger(__name__)


class ObservedCalls:
    """Called with each call that has ended, in the thread that made it. Thread-safe.

    Args:
        events: of the broker.
    """

    def __init__(self, events: Events) -> None:
        self._events = events

    def __call__(self, call: MeasuredCall) -> None:
        self._events.emit(ProviderCalled(call))
        if _level.isEnabledFor(logging.DEBUG):
            facts = {"code": call.code, "status": call.status}
            _log.debug(
                "provider_called",
                provider=call.provider,
                operation=call.operation,
                outcome=call.outcome,
                took=round(call.seconds, 4),
                **{name: fact for name, fact in facts.items() if fact},
            )
