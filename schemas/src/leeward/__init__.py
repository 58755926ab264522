"""The contract of a Leeward fleet: what to ask for, and the client that asks.

from leeward import Leeward, SyncUser

fleet = Leeward("redis://127.0.0.1:6379/0")
job = fleet.enqueue(SyncUser(user="alice"), idempotency_key="invite-17")
fleet.result(job.job_id)
"""

from typing import TYPE_CHECKING

from leeward.lazy_names import lazy_names

if TYPE_CHECKING:
    from leeward.cancellation import Cancellation
    from leeward.client import AsyncLeeward, Leeward
    from leeward.client.ended import JobCancelled, JobFailed
    from leeward.errors import (
        BatchIncomplete,
        BatchNotFound,
        CallConflict,
        CallInProgress,
        CallLost,
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
    from leeward.flows.batch import Batch, BatchState, BatchStatus
    from leeward.idempotent_call.once import once
    from leeward.idempotent_call.work_key import key
    from leeward.jobs.download.file import DownloadFile
    from leeward.jobs.download.library_steps import library_steps
    from leeward.jobs.download.media import DownloadMedia
    from leeward.jobs.email.attachment import Attachment
    from leeward.jobs.email.batch import BatchRecipient, SendEmailBatch
    from leeward.jobs.email.send import SendEmail
    from leeward.jobs.job import Job
    from leeward.jobs.notify.telegram import NotifyTelegram
    from leeward.jobs.notify.webhook import NotifyWebhook
    from leeward.jobs.priority import Priority
    from leeward.jobs.register.account import RegisterAccount
    from leeward.jobs.secret import SecretText
    from leeward.jobs.sync.collection import CollectionItem, SyncCollection
    from leeward.jobs.sync.library import SyncLibrary
    from leeward.jobs.sync.request import MediaType, SyncRequest
    from leeward.jobs.sync.requests import SyncRequests
    from leeward.jobs.sync.user import SyncUser, UserState
    from leeward.jobs.sync.users import SyncUsers, UserEntry
    from leeward.request import Enqueued, Request
    from leeward.status import JobState, JobStatus

__all__ = [
    "AsyncLeeward",
    "Attachment",
    "Batch",
    "BatchIncomplete",
    "BatchNotFound",
    "BatchRecipient",
    "BatchState",
    "BatchStatus",
    "CallConflict",
    "CallInProgress",
    "CallLost",
    "Cancellation",
    "CollectionItem",
    "DownloadFile",
    "DownloadMedia",
    "Enqueued",
    "IdempotencyConflict",
    "Job",
    "JobCancelled",
    "JobFailed",
    "JobNotFound",
    "JobState",
    "JobStatus",
    "Leeward",
    "LeewardError",
    "MediaType",
    "MessageTooLarge",
    "NoWorker",
    "NotifyTelegram",
    "NotifyWebhook",
    "Priority",
    "ProviderDisabled",
    "QueueFull",
    "RegisterAccount",
    "Request",
    "ResultTimeout",
    "SecretText",
    "SendEmail",
    "SendEmailBatch",
    "SyncCollection",
    "SyncLibrary",
    "SyncRequest",
    "SyncRequests",
    "SyncUser",
    "SyncUsers",
    "Unavailable",
    "UserEntry",
    "UserState",
    "key",
    "library_steps",
    "once",
]

_MODULES = {
    "cancellation": "Cancellation",
    "client": "AsyncLeeward Leeward",
    "jobs.download.file": "DownloadFile",
    "jobs.download.library_steps": "library_steps",
    "jobs.download.media": "DownloadMedia",
    "flows.batch": "Batch BatchState BatchStatus",
    "errors": "BatchIncomplete BatchNotFound CallConflict CallInProgress CallLost IdempotencyConflict"
    " JobNotFound LeewardError MessageTooLarge NoWorker"
    " ProviderDisabled QueueFull ResultTimeout Unavailable",
    "idempotent_call.once": "once",
    "client.ended": "JobCancelled JobFailed",
    "jobs.job": "Job",
    "idempotent_call.work_key": "key",
    "jobs.notify.telegram": "NotifyTelegram",
    "jobs.notify.webhook": "NotifyWebhook",
    "jobs.priority": "Priority",
    "jobs.register.account": "RegisterAccount",
    "request": "Enqueued Request",
    "jobs.secret": "SecretText",
    "jobs.email.attachment": "Attachment",
    "jobs.email.batch": "BatchRecipient SendEmailBatch",
    "jobs.email.send": "SendEmail",
    "status": "JobState JobStatus",
    "jobs.sync.request": "MediaType SyncRequest",
    "jobs.sync.requests": "SyncRequests",
    "jobs.sync.collection": "CollectionItem SyncCollection",
    "jobs.sync.library": "SyncLibrary",
    "jobs.sync.user": "SyncUser UserState",
    "jobs.sync.users": "SyncUsers UserEntry",
}
"""The names of each module, which is imported when one of them is first used: the errors alone cost no client."""

if not TYPE_CHECKING:  # type checkers know every name, and so a mistake
    __getattr__, __dir__ = lazy_names(__name__, {f"{__name__}.{module}": names for module, names in _MODULES.items()})
