"""What callers pass by mistake, and what to say of it."""

from collections.abc import Iterable

from leeward.errors import Invalid
from leeward.jobs.job import Job
from leeward.jobs.timing import span
from leeward.request import Enqueued, Request
from leeward.wire.job_message import no_job


def seconds_of(timeout: object) -> float:
    """The time limit of a client, in seconds.

    Raises:
        Invalid: it is not a span above 0.
    """
    seconds = span("timeout", timeout).total_seconds()
    if seconds <= 0:
        raise Invalid("timeout is 0: a call needs some time; write timeout=timedelta(seconds=5), or leave it out")
    return seconds


def job_id_of(job_id: object) -> str:
    """Raises: Invalid: it is not the id of a job."""
    if isinstance(job_id, str):
        return job_id
    if isinstance(job_id, Enqueued):
        raise Invalid("a job's id is a text; this is what `enqueue` returned: pass its job_id, enqueued.job_id")
    raise Invalid(f"a job's id is a text; this one is {type(job_id).__name__}: pass the job_id that `enqueue` returned")


def requests_of(requests: object) -> list[Request]:
    """The requests for many jobs.

    Raises:
        Invalid: they are not jobs or requests; the text says which.
    """
    if isinstance(requests, Job | Request):
        raise Invalid("this is one job: pass a list, enqueue_many([job]), or use enqueue(job)")
    if isinstance(requests, dict | str | bytes) or not isinstance(requests, Iterable):
        raise Invalid(
            f"enqueue_many takes jobs and requests one after the other, as a list; this one is {type(requests).__name__}"
        )
    return [request if isinstance(request, Request) else _request(at, request) for at, request in enumerate(requests)]


def _request(at: int, job: object) -> Request:
    if not isinstance(job, Job):
        raise Invalid(f"number {at} of the list: {no_job(job)}")
    return Request(job)
