"""Taking a job back before it runs, or ending it at its next safe point."""

from datetime import timedelta

from leeward import Cancellation, JobState, Leeward
from leeward.errors import Conflict


class CannotCancel(Conflict):
    """Raised when a job has ended, or its effect has begun, so that it cannot be taken back.

    Attributes:
        job_id: the job.
        state: where it is.
    """

    code = "cannot_cancel"

    def __init__(self, job_id: str, state: JobState, why: str = "") -> None:
        super().__init__(f"job {job_id} is {state} and cannot be cancelled{why}")
        self.job_id = job_id
        self.state = state


def cancel_job(client: Leeward, job_id: str, *, wait: timedelta = timedelta(0)) -> Cancellation:
    """Takes a job off its queue and frees its idempotency key; one that runs is to end at its next safe point, for which `wait` waits.

    Returns:
        `CANCELLED`, or `CANCELLING` of a job that runs still: `client.status(job_id).cancelling` says whether its worker has confirmed.

    Raises:
        JobNotFound: there is no such job.
        CannotCancel: it has ended, or its effect has begun.
    """
    verdict = client.cancel(job_id, wait=wait)
    if verdict is Cancellation.TOO_LATE:
        raise CannotCancel(job_id, JobState.RUNNING, ": its effect has begun")
    if verdict is Cancellation.ENDED:
        raise CannotCancel(job_id, client.status(job_id).state)
    return verdict
