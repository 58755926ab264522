"""The `email` family's actor."""

import hashlib
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dramatiq

from actors.declare import declare
from broker.current import begin_effect, current_delivery
from leeward.extension.errors import Misconfigured
from leeward.queue_name import queue_name
from leeward.send_email import SendEmail
from providers.smtp import Mailer, Templates
from providers.smtp.mailbox_identity import mailbox_key
from providers.smtp.message import compose
from providers.smtp.templates import Body

TEMPLATES = Path(__file__).parent / "templates"
"""The templates that come with the fleet."""
LONGEST_KEY = 255


@dataclass(frozen=True, slots=True)
class Identity:
    """What stays the same over every attempt of a job, and over its replays.

    Attributes:
        key: its idempotency key, or its id.
        enqueued: when.
    """

    key: str
    enqueued: datetime

    @classmethod
    def of_current_job(cls) -> "Identity":
        """The running job's. Outside a worker every call is a job of its own."""
        delivery = current_delivery()
        if delivery is None:
            return cls(str(uuid.uuid4()), datetime.now(UTC))
        enqueued = datetime.fromtimestamp(delivery.message_timestamp / 1000, UTC)
        return cls(delivery.idempotency_key or delivery.message_id, enqueued)

    def of_recipient(self, address: str) -> str:
        """The idempotency key of the job that mails one recipient."""
        key = f"{self.key}:{address}"
        return key if len(key) <= LONGEST_KEY else hashlib.sha256(key.encode()).hexdigest()


def declare_send_email(
    broker: dramatiq.Broker,
    mailers: Mapping[str, Mailer],
    *,
    templates: Templates,
    enqueue: Callable[[SendEmail, str], str],
) -> dramatiq.Actor[..., Any]:
    """Declares the actor that sends mail, with a queue for each mailer, by provider name.

    A job with one recipient sends; its result has `recipient`, `message_id` and the relay's `code` and `reply`. A job with
    more sends nothing: it enqueues one job for each of them and results in their ids, see
    `docs/adr/0003-one-mail-job-per-recipient.md`.

    Args:
        broker: where to declare it.
        mailers: by provider name.
        templates: for jobs that name one.
        enqueue: enqueues a job under an idempotency key and returns its id; the same key again gives the same id.
    """

    def send_email(job: SendEmail) -> dict[str, Any]:
        mailer = mailers.get(job.provider)
        if mailer is None:
            message = f"no mail server is configured for {job.provider!r}"
            raise Misconfigured(message, provider=job.provider, operation="send_email")
        identity = Identity.of_current_job()
        body = _body(job, templates)
        recipients = distinct(job.to, mailer.config.case_insensitive_domains)
        if len(recipients) > 1:
            return {"jobs": {address: enqueue(*_job_for(job, address, identity)) for address in recipients}}
        return _send(mailer, job, recipients[0], body, identity)

    return declare(
        broker,
        SendEmail,
        send_email,
        queues=[queue_name(SendEmail.family, name) for name in mailers],
        retry_preset="standard",
        budget=SendEmail.default_deadline,
        unknown_outcome="park",
        time_limit=max((_milliseconds(mailer) for mailer in mailers.values()), default=0),
    )


def distinct(addresses: tuple[str, ...], case_insensitive: Iterable[str] = ()) -> list[str]:
    """One address of each mailbox, in the order given: each mailbox gets one copy.

    Args:
        addresses: as the producer wrote them.
        case_insensitive: domains where `Alice` and `alice` are one mailbox, see `mailbox_key`.
    """
    seen: dict[str, str] = {}
    for address in addresses:
        seen.setdefault(mailbox_key(address, case_insensitive), address)
    return list(seen.values())


def _body(job: SendEmail, templates: Templates) -> Body:
    # Rendered before a job is split up: a value that is missing is one dead letter then, not fifty.
    if job.template is None:
        return Body(job.text, job.html)
    return templates.render(job.template, job.values, provider=job.provider)


def _job_for(job: SendEmail, address: str, identity: Identity) -> tuple[SendEmail, str]:
    return job.model_copy(update={"to": (address,)}), identity.of_recipient(address)


def _send(mailer: Mailer, job: SendEmail, recipient: str, body: Body, identity: Identity) -> dict[str, Any]:
    message = compose(job, recipient, body, config=mailer.config, identity=identity.key, date=identity.enqueued)
    receipt = mailer.send(message, recipient, begin_effect)
    return {"recipient": recipient, "message_id": str(message["Message-ID"]), **receipt}


def _milliseconds(mailer: Mailer) -> int:
    # Dramatiq's own limit of ten minutes would strike while the relay still has time to answer the final dot.
    return round(mailer.config.longest_send.total_seconds() * 1000)
