"""A webhook as it arrived, and what a provider makes of it."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import SecretStr
from pydantic_core import from_json

from leeward.extension.webhooks.errors import WebhookRefused, WebhookUnreadable
from leeward.jobs.job import Job

LONGEST_BODY_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class Hint:
    """What is to be looked at because of a webhook.

    Attributes:
        job: looks at it. It asks the service itself, and believes nothing of the webhook.
        key: what the webhook is about: another one with the same key in the next minutes is the same hint.
    """

    job: Job
    key: str


class IncomingWebhook:
    """One delivery, from anyone.

    Args:
        headers: in any case.
        body: as it was sent.
    """

    def __init__(self, headers: Mapping[str, str], body: bytes) -> None:
        self.headers = {name.strip().lower(): value for name, value in headers.items()}
        self.body = body

    def require(self, header: str, secret: SecretStr) -> None:
        """Compares a header with what only the service and the fleet know, in a time that depends on neither.

        Raises:
            WebhookRefused: it is missing, or another one.
        """
        sent = self.headers.get(header.lower(), "").strip().encode("utf-8", "surrogatepass")
        if not hmac.compare_digest(sent, secret.get_secret_value().strip().encode()):
            raise WebhookRefused(f"the header {header} of this webhook is missing or is not the configured one")

    def json(self) -> Any:
        """The body.

        Raises:
            WebhookUnreadable: it is not JSON, or too large.
        """
        if len(self.body) > LONGEST_BODY_BYTES:
            raise WebhookUnreadable(f"the webhook is larger than {LONGEST_BODY_BYTES} bytes")
        try:
            return from_json(self.body, allow_inf_nan=False)
        except ValueError:
            raise WebhookUnreadable("the webhook is not JSON") from None
