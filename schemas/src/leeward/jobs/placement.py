"""Rule: whether a message is where its job belongs."""

from leeward.jobs.job import Job
from leeward.jobs.queue_name import provider_of


def misplaced(job: Job, queue: str) -> str | None:
    """Why a job may not run from this queue, and what to do instead; None where it belongs there.

    The guards of a queue's provider are moved by the jobs that wait in it: a job that calls another provider must not count there.
    """
    if job.queue == queue:
        return None
    if job.provider != provider_of(queue):
        what = f"the payload names the provider {job.provider!r}, the queue {queue!r} is another's"
    else:
        what = f"jobs of the kind {job.kind!r} do not belong on the queue {queue!r}"
    return f"{what}: enqueue it on {job.queue!r}, as the `leeward` client does"


def misaddressed(written: str, queue: str) -> str | None:
    """Why a message may not run whose own `queue_name` is not the queue where it waited; None where it is."""
    if written == queue:
        return None
    return f"the message says that it is for the queue {written!r}, but it waited in {queue!r}: enqueue it there"
