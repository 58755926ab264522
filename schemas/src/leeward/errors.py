"""Whatever can go wrong between people or programs and the fleet: one hierarchy, with a stable code in every class.

The six classes that stand first say what kind of failure it is. A face of the fleet derives its answer from them: the command line its
exit code, an HTTP API its status. The code of a class below them names the failure itself, and stays the same from release to release.
No message holds a secret.
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from difflib import get_close_matches
from typing import ClassVar

from leeward.actions.action import Action


class LeewardError(Exception):
    """Whatever the client and the fleet's own tools raise is one of these.

    Attributes:
        code: names the failure for programs, as `queue_full`. A program that does not know it goes by the class above.
        actions: what a person can do about it, in this order.
    """

    code: ClassVar[str] = "failed"
    actions: tuple[Action, ...] = ()

    def __init__(self, *args: object, actions: tuple[Action, ...] = ()) -> None:
        super().__init__(*args)
        if actions:
            self.actions = actions


class Invalid(LeewardError, ValueError):
    """Raised when what was asked for cannot be understood. Its text says what to write instead."""

    code = "invalid"


class NotFound(LeewardError, LookupError):
    """Raised when there is nothing of the name that was given."""

    code = "not_found"


class Conflict(LeewardError):
    """Raised when what was asked for is not possible in the current state: a key is taken, a job runs, a dead letter has changed."""

    code = "conflict"


class Unavailable(LeewardError):
    """Raised when a server could not be reached in time.

    The jobs of a call to the client may or may not be enqueued: repeat the call with the same idempotency keys.
    """

    code = "unavailable"


class Refused(LeewardError):
    """Raised when a request was understood and is not accepted: too large, no room, a payload that does not fit."""

    code = "refused"


class NotReady(LeewardError):
    """Raised when this installation lacks something that an operator must set, start or apply first."""

    code = "not_ready"


class Unusable(NotReady):
    """Raised when what is installed or configured cannot be used by any process: starting it again changes nothing."""

    code = "unusable"


class IdempotencyConflict(Conflict):
    """Raised when an idempotency key was used before with another payload.

    Attributes:
        key: the idempotency key.
        job_id: the job that holds it.
    """

    code = "idempotency_conflict"

    def __init__(self, key: str, job_id: str) -> None:
        super().__init__(
            f"idempotency key {key!r} belongs to job {job_id} with another payload; use a new key for new work, or send the same payload"
        )
        self.key = key
        self.job_id = job_id


class MessageTooLarge(Refused):
    """Raised when an encoded job is larger than the fleet accepts. Nothing was enqueued.

    Attributes:
        size_bytes: the encoded size.
        limit_bytes: what is allowed.
    """

    code = "message_too_large"

    def __init__(self, job_id: str, size_bytes: int, limit_bytes: int) -> None:
        super().__init__(
            f"job {job_id} is {size_bytes} bytes encoded and the limit is {limit_bytes}: "
            "store the data elsewhere and pass a reference to it"
        )
        self.size_bytes = size_bytes
        self.limit_bytes = limit_bytes


class QueueFull(Refused):
    """Raised when a provider, or a partition of one of its queues, has as many jobs waiting as its limit allows. The job was not enqueued.

    Attributes:
        provider: whose limit it is.
        partition: whose jobs are too many; None when it is the provider's own limit.
        waiting: how many jobs wait.
        limit: how many may: `max_waiting`, or of a partition `partition_max_waiting`.
        room: how many more there is room for, now.
    """

    code = "queue_full"

    def __init__(self, provider: str, partition: str | None, *, waiting: int, limit: int) -> None:
        who, setting = (provider, "max_waiting")
        if partition is not None:
            who, setting = f"partition {partition!r} of {provider}", "partition_max_waiting"
        room = max(0, limit - waiting)
        super().__init__(
            f"{who} has {waiting} jobs waiting and {setting} allows {limit}, so there is room for {room}: "
            "enqueue later, or let the call wait for room with wait=timedelta(...)"
        )
        self.provider = provider
        self.partition = partition
        self.waiting = waiting
        self.limit = limit
        self.room = room


class ProviderDisabled(Refused):
    """Raised when a provider is switched off (`enabled = false`). Nothing was enqueued; the jobs that wait already stay where they are.

    Attributes:
        provider: its name.
    """

    code = "provider_disabled"

    def __init__(self, provider: str) -> None:
        super().__init__(
            f"{provider} is switched off and takes no new jobs: enqueue later, when an operator has switched it on"
        )
        self.provider = provider


class NotPermitted(Unavailable):
    """Raised when the Valkey user of the address may not do what is needed. Nothing was enqueued.

    Attributes:
        user: whom the server knows us as.
        missing: the commands, and on what.
    """

    code = "not_permitted"

    def __init__(self, user: str, missing: Sequence[str]) -> None:
        super().__init__(
            f"the Valkey user {user!r} may not do what is needed, and nothing was changed: allow it {', '.join(missing)}"
            " (docs/valkey.md has the whole line)"
        )
        self.user = user
        self.missing = tuple(missing)


class CallInProgress(Conflict):
    """Raised by `leeward.once` when another attempt at the same call has the key.

    Attributes:
        key: the key.
        left: for how long it has it at most.
    """

    code = "call_in_progress"

    def __init__(self, key: str, left: timedelta) -> None:
        super().__init__(f"the call {key!r} is being made: ask again in {left.total_seconds():.1f} s at the latest")
        self.key = key
        self.left = left


class CallConflict(Conflict):
    """Raised by `leeward.once` when the key was used before with another payload. `key` is the key."""

    code = "call_conflict"

    def __init__(self, key: str) -> None:
        super().__init__(f"the key {key!r} belongs to a call with another payload: use a new key for other work")
        self.key = key


class CallLost(Conflict):
    """Raised by `leeward.once` when an attempt took longer than its lease and another one has the key. `key` is the key."""

    code = "call_lost"

    def __init__(self, key: str) -> None:
        super().__init__(
            f"the call {key!r} took longer than its lease, and another attempt has the key: its answer is not stored."
            " Give it a longer lease, or renew it"
        )
        self.key = key


class BatchNotFound(NotFound):
    """Raised when there is no batch of this id: it never was, or nothing of it has changed for 30 days."""

    code = "batch_not_found"

    def __init__(self, batch_id: str) -> None:
        super().__init__(f"there is no batch {batch_id}: it never existed, or nothing in it has changed for 30 days")


class BatchIncomplete(Refused):
    """Raised when some jobs of a batch were refused. The others are enqueued; its follow-ups wait until it is enqueued again, with its key.

    Attributes:
        batch_id: the batch.
        key: its key.
        refused: how many jobs were.
        total: how many there are.
    """

    code = "batch_incomplete"

    def __init__(self, batch_id: str, key: str, *, refused: int, total: int, cause: LeewardError) -> None:
        super().__init__(
            f"{refused} of {total} jobs of the batch {batch_id} were refused ({cause}): enqueue the same batch again with key={key!r};"
            " what is enqueued is not repeated"
        )
        self.batch_id = batch_id
        self.key = key
        self.refused = refused
        self.total = total


class JobNotFound(NotFound):
    """Raised when no provider knows the job: it never was, or it ended longer ago than its result is kept."""

    code = "job_not_found"


class ResultTimeout(LeewardError):
    """Raised when a job did not end within the given time. The job continues."""

    code = "result_timeout"


class NoWorker(NotReady):
    """Raised when no live worker serves a queue and one was required. Nothing was enqueued.

    Attributes:
        queue: its name.
        nearest: a queue that is served and has almost the same name; None when there is none.
    """

    code = "no_worker"

    def __init__(self, queue: str, served: Iterable[str]) -> None:
        from leeward.actions.fleet import ListExtensions, StartWorker

        known = sorted(served)
        self.queue = queue
        self.nearest = next(iter(get_close_matches(queue, known, n=1)), None)
        super().__init__(
            f"no worker serves the queue {queue}: {self._advice(known)}",
            actions=(ListExtensions() if known else StartWorker(),),
        )

    def _advice(self, known: list[str]) -> str:
        if not known:
            return "no worker is running"
        return f"did you mean {self.nearest}?" if self.nearest else f"workers serve {', '.join(known)}"
