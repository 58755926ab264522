"""The contract of a Leeward fleet: what to ask for, and the client that asks.

from leeward import Leeward, SyncUser

fleet = Leeward("redis://127.0.0.1:6379/0")
job = fleet.enqueue(SyncUser(user="alice"), idempotency_key="invite-17")
fleet.result(job.job_id)
"""

from leeward.client import Leeward
from leeward.download_file import DownloadFile
from leeward.errors import (
    IdempotencyConflict,
    JobNotFound,
    LeewardError,
    MessageTooLarge,
    NoWorker,
    ProviderDisabled,
    QueueFull,
    ResultTimeout,
    Unavailable,
)
from leeward.job import Job
from leeward.priority import Priority
from leeward.request import Enqueued, Request
from leeward.send_email import Attachment, SendEmail
from leeward.status import JobState, JobStatus
from leeward.sync_user import SyncUser, UserState

__all__ = [
    "Attachment",
    "DownloadFile",
    "Enqueued",
    "IdempotencyConflict",
    "Job",
    "JobNotFound",
    "JobState",
    "JobStatus",
    "Leeward",
    "LeewardError",
    "MessageTooLarge",
    "NoWorker",
    "Priority",
    "ProviderDisabled",
    "QueueFull",
    "Request",
    "ResultTimeout",
    "SendEmail",
    "SyncUser",
    "Unavailable",
    "UserState",
]
