"""Taking a job back before it runs."""

from leeward import JobState, Leeward
from leeward.errors import Conflict


class CannotCancel(Conflict):
    """Raised when a job runs or has ended, so that it cannot be taken back.

    Attributes:
        job_id: the job.
        state: where it is.
    """

    code = "cannot_cancel"

    def __init__(self, job_id: str, state: JobState) -> None:
        super().__init__(f"job {job_id} is {state} and cannot be cancelled")
        self.job_id = job_id
        self.state = state


def cancel_job(client: Leeward, job_id: str) -> None:
    """Takes a job that does not run yet off its queue, and frees its idempotency key.

    Raises:
        JobNotFound: there is no such job.
        CannotCancel: it runs, or has ended.
    """
    if not client.cancel(job_id):
        raise CannotCancel(job_id, client.status(job_id).state)
