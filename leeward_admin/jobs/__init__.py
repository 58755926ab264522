"""Jobs: enqueueing one or many from what people write, and why one waits."""

from typing import TYPE_CHECKING

from leeward.lazy_names import lazy_names

if TYPE_CHECKING:
    from broker.fleet.jobs.listed_job import ListedJob
    from leeward_admin.jobs.attempts import PastAttempt, past_attempts
    from leeward_admin.jobs.bulk.selection import EmptyJobFilter, JobSelection
    from leeward_admin.jobs.cancelling import CannotCancel, cancel_job
    from leeward_admin.jobs.detail import JobDetail
    from leeward_admin.jobs.fleet_jobs import FleetJobs
    from leeward_admin.jobs.lines import EnqueuedLine, LineOutcome, enqueue_lines
    from leeward_admin.jobs.listing import InvalidJobCursor, JobFilter, JobPage
    from leeward_admin.jobs.request import InvalidPayload, UnknownKind, newest_kind, request_for
    from leeward_admin.jobs.waiting_reason import WaitingReason

__all__ = [
    "CannotCancel",
    "EmptyJobFilter",
    "EnqueuedLine",
    "FleetJobs",
    "InvalidJobCursor",
    "InvalidPayload",
    "JobDetail",
    "JobFilter",
    "JobPage",
    "JobSelection",
    "LineOutcome",
    "ListedJob",
    "PastAttempt",
    "UnknownKind",
    "WaitingReason",
    "cancel_job",
    "enqueue_lines",
    "newest_kind",
    "past_attempts",
    "request_for",
]

_MODULES = {
    "broker.fleet.jobs.listed_job": "ListedJob",
    "leeward_admin.jobs.bulk.selection": "EmptyJobFilter JobSelection",
    "leeward_admin.jobs.cancelling": "CannotCancel cancel_job",
    "leeward_admin.jobs.detail": "JobDetail",
    "leeward_admin.jobs.fleet_jobs": "FleetJobs",
    "leeward_admin.jobs.lines": "EnqueuedLine LineOutcome enqueue_lines",
    "leeward_admin.jobs.listing": "InvalidJobCursor JobFilter JobPage",
    "leeward_admin.jobs.attempts": "PastAttempt past_attempts",
    "leeward_admin.jobs.request": "InvalidPayload UnknownKind newest_kind request_for",
    "leeward_admin.jobs.waiting_reason": "WaitingReason",
}

if not TYPE_CHECKING:  # type checkers know every name, and so a mistake
    __getattr__, __dir__ = lazy_names(__name__, _MODULES)
