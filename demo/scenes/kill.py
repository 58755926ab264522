"""A worker process is killed with jobs in flight."""

import os
import signal

from demo import scenario
from demo.run import Run
from demo.scenes import misbehaviour
from leeward import JobState
from leeward.errors import JobNotFound

_HANGING = 2


def prepare(performance: Run) -> None:
    """Until two workers wait for an answer of the mail server: one mail it has taken, the other one not."""
    mail = performance.stage.mail
    performance.wait_until(lambda: misbehaviour.hanging(mail) == _HANGING, "two mails to be without an answer")


def play(performance: Run) -> None:
    """SIGKILL to the worker whose mail the server has taken and not answered."""
    stage, screen = performance.stage, performance.screen
    mail = next(each for each in performance.orders.effects if each.name[1] == scenario.ACCEPTED_UNANSWERED)
    worker = stage.admin.jobs.status(mail.job_id).worker or ""
    pid = int(worker.rpartition(":")[2])
    jobs = sum(_runs_at(performance, job_id, worker) for job_id in performance.orders.job_ids)
    os.kill(pid, signal.SIGKILL)
    screen.say(f"kill -9 {pid}: a worker process with {jobs} jobs in flight", style="bold red")
    screen.say(
        "one is a mail that the server has accepted but not answered: its outcome is unknown, so it must not be sent again"
    )
    misbehaviour.no_more_hanging(stage.mail)


def _runs_at(performance: Run, job_id: str, worker: str) -> bool:
    try:
        status = performance.stage.admin.jobs.status(job_id)
    except JobNotFound:  # it ended this very moment
        return False
    return status.state is JobState.RUNNING and status.worker == worker
