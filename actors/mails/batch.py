"""What `email.batch` enqueues, how it waits, and what it results in."""

from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

from leeward.client import Leeward
from leeward.errors import IdempotencyConflict, JobNotFound
from leeward.extension import Busy, child_key, current_job
from leeward.flows.batch import Batch
from leeward.jobs.email.batch import SendEmailBatch
from leeward.jobs.email.send import SendEmail
from leeward.request import Enqueued, Request

SHORTEST_WAIT = timedelta(seconds=2)
LONGEST_WAIT = timedelta(minutes=5)
_SHARE_OF_THE_AGE = 8
"""A batch that has run for this many minutes is looked at once a minute."""
_OUTCOMES = {"live": "pending", "done": "sent", "dead": "failed", "cancelled": "cancelled"}


def requests_of(job: SendEmailBatch, recipients: Iterable[str]) -> list[Request]:
    """One job for each recipient, with the batch's deadline: what is too late for the whole is too late for its parts."""
    running = current_job()
    deadline = running.deadline if running else None
    values = {one.to: one.values for one in reversed(job.recipients)}
    return [Request(_one(job, to, values[to]), idempotency_key=child_key(to), deadline=deadline) for to in recipients]


def wait_for_the_rest(answers: Sequence[Enqueued | IdempotencyConflict]) -> Busy | None:
    """What to raise while mails of the batch have not ended. None when all have, and when the deadline leaves no more time to wait."""
    pending = sum(_outcome(one) == "pending" for one in answers)
    running = current_job()
    if not pending or running is None:
        return None
    now = datetime.now(UTC)
    wait = min(max((now - running.enqueued_at) / _SHARE_OF_THE_AGE, SHORTEST_WAIT), LONGEST_WAIT)
    if running.deadline is not None and now + 2 * wait > running.deadline:
        return None
    return Busy(f"{pending} of {len(answers)} mails have not ended", operation="send_batch", retry_after=wait)


def result_of(recipients: Sequence[str], batch: Batch, fleet: Leeward) -> dict[str, Any]:
    """`batch`, the batch's id; `counts` of `sent`, `failed`, `cancelled` and `pending` mails; and `recipients`: for each address its
    `outcome`, its `job`, and of one that failed the `error`, as long as that is known.
    """
    found = {to: _of(answer, fleet) for to, answer in zip(recipients, batch.answers, strict=True)}
    counts = Counter(one["outcome"] for one in found.values())
    return {
        "batch": batch.batch_id,
        "counts": {name: counts[name] for name in _OUTCOMES.values()},
        "recipients": found,
    }


def _one(job: SendEmailBatch, to: str, values: dict[str, Any]) -> SendEmail:
    return SendEmail(
        provider=job.provider,
        to=(to,),
        subject=job.subject,
        text=job.text,
        html=job.html,
        template=job.template,
        values=job.values | values,
        reply_to=job.reply_to,
        attachments=job.attachments,
    )


def _outcome(answer: Enqueued | IdempotencyConflict) -> str:
    return _OUTCOMES[answer.state] if isinstance(answer, Enqueued) else "failed"


def _of(answer: Enqueued | IdempotencyConflict, fleet: Leeward) -> dict[str, Any]:
    if isinstance(answer, IdempotencyConflict):
        return {"outcome": "failed", "error": {"message": str(answer)}}
    found: dict[str, Any] = {"outcome": _outcome(answer), "job": answer.job_id}
    if found["outcome"] == "failed":
        with suppress(JobNotFound):
            status = fleet.status(answer.job_id)
            found |= {"reason": status.reason, "error": status.error}
    return found
