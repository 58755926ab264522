"""What is kept of a failure: enough to understand it, nothing that must not be seen, never more than fits."""

import re
from functools import partial
from typing import Any

from pydantic import BaseModel, SecretStr

from broker.delivery import Delivery
from broker.failure import MESSAGE_LIMIT, describe, message_of, shortened
from leeward.secret import REDACTED

REMEMBERED = 10
"""How many past errors travel with a job: the latest."""

_CREDENTIALS_IN_URL = re.compile(r"(?<=://)[^/\s]+@")


def post_mortem(delivery: Delivery, error: BaseException) -> dict[str, Any]:
    """The error of a dead job, with its cause chain in the traceback, without secrets."""
    return describe(error, partial(without_secrets, delivery))


def remember(delivery: Delivery, error: BaseException, now_ms: int) -> None:
    """Adds an error to those that travel with the job: when, what, and which delivery."""
    past = delivery.options.get("errors")
    entry = {
        "at": now_ms,
        "delivery": delivery.number,
        "type": type(error).__name__,
        "message": shortened(without_secrets(delivery, message_of(error)), MESSAGE_LIMIT // 4),
    }
    delivery.options["errors"] = [*(past if isinstance(past, list) else []), entry][-REMEMBERED:]


def without_secrets(delivery: Delivery, text: str) -> str:
    """A text without the secrets of the job's payload and without credentials in URLs."""
    for secret in _secrets(delivery):
        text = text.replace(secret, REDACTED)
    return without_credentials(text)


def without_credentials(text: str) -> str:
    """A text whose URLs have lost their user names and passwords."""
    return _CREDENTIALS_IN_URL.sub(f"{REDACTED}@", text)


def _secrets(delivery: Delivery) -> list[str]:
    """The secret values in the payload, which a provider may well have echoed in its error."""
    jobs = [argument for argument in delivery.args if isinstance(argument, BaseModel)]
    values = [getattr(job, name) for job in jobs for name in type(job).model_fields]
    return [value.get_secret_value() for value in values if isinstance(value, SecretStr) and value.get_secret_value()]
