"""Why a job that has ended has no result."""

from collections.abc import Mapping
from typing import Any

from leeward.actions import ShowDeadLetter
from leeward.errors import LeewardError


class JobFailed(LeewardError):
    """Raised when a job whose result was asked for is dead.

    Attributes:
        job_id: the job.
        reason: why it is dead, as `exhausted` or `permanent`.
        error: of what it failed last, as far as known: `type`, `message`, `code`, `operation`, `status`; without secrets.
        dead_letter_id: its dead letter; None where a worker of an older release ended it.
    """

    code = "job_failed"

    def __init__(self, job_id: str, reason: str, error: Mapping[str, Any], dead_letter_id: str | None) -> None:
        of = ": ".join(str(error[name]) for name in ("type", "message") if error.get(name))
        where = f"; its dead letter {dead_letter_id} has the rest" if dead_letter_id else ""
        actions = (ShowDeadLetter(dead_letter_id),) if dead_letter_id else ()
        super().__init__(f"job {job_id} is dead ({reason}){': ' if of else ''}{of}{where}", actions=actions)
        self.job_id = job_id
        self.reason = reason
        self.error = dict(error)
        self.dead_letter_id = dead_letter_id


class JobCancelled(LeewardError):
    """Raised when a job whose result was asked for was cancelled.

    Attributes:
        job_id: the job.
    """

    code = "job_cancelled"

    def __init__(self, job_id: str) -> None:
        super().__init__(f"job {job_id} was cancelled and has no result")
        self.job_id = job_id
