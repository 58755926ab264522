"""The `email` family's actors."""

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from actors.mails.batch import requests_of, result_of, wait_for_the_rest
from leeward.client import Leeward
from leeward.extension import Extension, actor, begin_effect, child_key, current_job
from leeward.jobs.email.batch import SendEmailBatch
from leeward.jobs.email.send import SendEmail
from providers.smtp.mail.body import Body
from providers.smtp.mail.mailbox_identity import mailbox_key
from providers.smtp.mail.message import compose, stand_ins
from providers.smtp.provider import Smtp

TEMPLATES = Path(__file__).parent / "templates"
"""The templates that come with the fleet."""


@actor(SendEmail, provider=Smtp, retry_preset="standard", unknown_outcome="park")
def send_email(job: SendEmail, smtp: Smtp, fleet: Leeward) -> dict[str, Any]:
    """Sends a mail. A job with one recipient sends; its result has `recipient`, `message_id` and the relay's `code` and `reply`. A job with
    more sends nothing: it enqueues one job for each of them and results in their ids, see `docs/adr/0003-one-mail-job-per-recipient.md`.
    """
    # Before a job is split up: a value that is missing is one dead letter then, not fifty.
    body = smtp.body(job)
    recipients = distinct(job.to, smtp.settings.case_insensitive_domains)
    if len(recipients) > 1:
        return {"jobs": {address: _enqueue_for(address, job, fleet) for address in recipients}}
    return _send(job, recipients[0], body, smtp)


@actor(SendEmailBatch, provider=Smtp, retry_preset="standard", unknown_outcome="rerun")
def send_email_batch(job: SendEmailBatch, smtp: Smtp, fleet: Leeward) -> dict[str, Any]:
    """Enqueues one job for each recipient, once, and waits until all have ended; see `result_of` for its result."""
    wanted = distinct((one.to for one in job.recipients), smtp.settings.case_insensitive_domains)
    requests = requests_of(job, wanted)
    batch = fleet.enqueue_batch(requests, key=child_key("batch"))
    if wait := wait_for_the_rest(batch.answers):
        raise wait
    return result_of(wanted, batch, fleet)


def distinct(addresses: Iterable[str], case_insensitive: Iterable[str] = ()) -> list[str]:
    """One address of each mailbox, in the order given: no mailbox gets two copies, and each gets one.

    Args:
        addresses: as the producer wrote them.
        case_insensitive: domains where `Alice` and `alice` are one mailbox, see `mailbox_key`.
    """
    seen: dict[str, str] = {}
    for address in addresses:
        seen.setdefault(mailbox_key(address, case_insensitive), address)
    return list(seen.values())


def _enqueue_for(address: str, job: SendEmail, fleet: Leeward) -> str:
    one, running = job.model_copy(update={"to": (address,)}), current_job()
    # What is too late for the whole is too late for its parts.
    deadline = running.deadline if running else None
    return fleet.enqueue(one, idempotency_key=child_key(address), deadline=deadline).job_id


def _send(job: SendEmail, recipient: str, body: Body, smtp: Smtp) -> dict[str, Any]:
    running = current_job()
    identity, date = (running.key, running.enqueued_at) if running else (child_key(), datetime.now(UTC))
    message = compose(job, recipient, body, config=smtp.config, identity=identity, date=date)
    with smtp.opened(job.attachments) as files:
        attached = dict(zip(stand_ins(job, identity), files, strict=True))
        receipt = smtp.send(message, recipient, begin_effect, attached)
    return {"recipient": recipient, "message_id": str(message["Message-ID"]), **receipt}


extension = Extension("smtp", api=1, providers=[Smtp], actors=[send_email, send_email_batch], templates=TEMPLATES)
