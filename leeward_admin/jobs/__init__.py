"""Jobs: enqueueing one or many from what people write, and why one waits."""

from leeward_admin.jobs.cancelling import CannotCancel, cancel_job
from leeward_admin.jobs.lines import EnqueuedLine, LineOutcome, enqueue_lines
from leeward_admin.jobs.request import InvalidPayload, UnknownKind, newest_kind, request_for
from leeward_admin.jobs.waiting_reason import WaitingReason

__all__ = [
    "CannotCancel",
    "EnqueuedLine",
    "InvalidPayload",
    "LineOutcome",
    "UnknownKind",
    "WaitingReason",
    "cancel_job",
    "enqueue_lines",
    "newest_kind",
    "request_for",
]
