"""The secrets in what a delivery's job asks for, which a provider may echo in its errors and an actor in its result."""

import re
from typing import Any

import orjson
from pydantic import BaseModel, SecretStr

from broker.delivery.current import current_delivery
from broker.delivery.delivery import Delivery
from leeward.jobs.secret import REDACTED
from leeward.redaction import cleaned, cleaned_value, hidden
from leeward.redaction.forms import finder
from leeward.redaction.scrubbing import scrubbed


def without_secrets(delivery: Delivery, text: str) -> str:
    """A text without the secrets of the job's payload, and without whatever else must not be seen (`leeward.redaction`)."""
    secrets = _finder(delivery)
    return cleaned(text if secrets is None else secrets.sub(REDACTED, text))


def cleaned_here(text: str) -> str:
    """A text without the secrets of the job that this thread runs, if any, and without whatever else must not be seen."""
    delivery = current_delivery()
    return cleaned(text) if delivery is None else without_secrets(delivery, text)


def result_without_secrets(delivery: Delivery, result: bytes) -> bytes:
    """The same for a result in JSON. The bytes as they are where nothing had to go."""
    value, secrets = orjson.loads(result), _finder(delivery)
    safe = cleaned_value(value if secrets is None else scrubbed(value, secrets))
    return result if safe == value else orjson.dumps(safe)


def _finder(delivery: Delivery) -> re.Pattern[str] | None:
    jobs = [argument for argument in delivery.args if isinstance(argument, BaseModel)]
    marked = {text.get_secret_value() for job in jobs for text in _values(job) if isinstance(text, SecretStr)}
    payloads: list[Any] = [job.model_dump(mode="json") for job in jobs] or [[*delivery.args], delivery.kwargs]
    return finder(marked | {secret for payload in payloads for secret in hidden(payload).secrets})


def _values(job: BaseModel) -> list[Any]:
    return [getattr(job, name) for name in type(job).model_fields]
