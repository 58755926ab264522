"""What is kept of a failure: enough to understand it, nothing that must not be seen, never more than fits."""

from functools import partial
from typing import Any

from broker.delivery.delivery import Delivery
from broker.delivery.failure import MESSAGE_LIMIT, describe, message_of, shortened
from broker.delivery.payload_secrets import without_secrets
from leeward.extension.errors import ProviderError

REMEMBERED = 10
"""How many past errors travel with a job: the latest."""


def post_mortem(delivery: Delivery, error: BaseException) -> dict[str, Any]:
    """The error of a dead job, with its cause chain in the traceback, without secrets."""
    return describe(error, partial(without_secrets, delivery))


def remember(delivery: Delivery, error: BaseException, now_ms: int) -> None:
    """Adds an error to those that travel with the job: when, what with which code, and which delivery."""
    past = delivery.options.get("errors")
    entry = {
        "at": now_ms,
        "delivery": delivery.number,
        "type": type(error).__name__,
        "message": shortened(without_secrets(delivery, message_of(error)), MESSAGE_LIMIT // 4),
    }
    if isinstance(error, ProviderError):
        entry["code"] = error.code
    delivery.options["errors"] = [*(past if isinstance(past, list) else []), entry][-REMEMBERED:]
