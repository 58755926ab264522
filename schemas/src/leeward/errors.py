"""What can go wrong between a producer and the fleet."""

from collections.abc import Sequence


class LeewardError(Exception):
    """Whatever the client raises is one of these."""


class IdempotencyConflict(LeewardError):
    """Raised when an idempotency key was used before with another payload.

    Attributes:
        key: the idempotency key.
        job_id: the job that holds it.
    """

    def __init__(self, key: str, job_id: str) -> None:
        super().__init__(
            f"idempotency key {key!r} belongs to job {job_id} with another payload; use a new key for new work, or send the same payload"
        )
        self.key = key
        self.job_id = job_id


class MessageTooLarge(LeewardError):
    """Raised when an encoded job is larger than the fleet accepts. Nothing was enqueued.

    Attributes:
        size_bytes: the encoded size.
        limit_bytes: what is allowed.
    """

    def __init__(self, job_id: str, size_bytes: int, limit_bytes: int) -> None:
        super().__init__(
            f"job {job_id} is {size_bytes} bytes encoded and the limit is {limit_bytes}: "
            "store the data elsewhere and pass a reference to it"
        )
        self.size_bytes = size_bytes
        self.limit_bytes = limit_bytes


class QueueFull(LeewardError):
    """Raised when a provider, or a partition of one of its queues, has as many jobs waiting as its limit allows. The job was not enqueued.

    Attributes:
        provider: whose limit it is.
        partition: whose jobs are too many; None when it is the provider's own limit.
        waiting: how many jobs wait.
        limit: how many may: `max_waiting`, or of a partition `partition_max_waiting`.
        room: how many more there is room for, now.
    """

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


class Unavailable(LeewardError):
    """Raised when Valkey could not be reached in time.

    The jobs may or may not be enqueued: repeat the call with the same idempotency keys.
    """


class NotPermitted(Unavailable):
    """Raised when the Valkey user of the address may not do what is needed. Nothing was enqueued.

    Attributes:
        user: whom the server knows us as.
        missing: the commands, and on what.
    """

    def __init__(self, user: str, missing: Sequence[str]) -> None:
        super().__init__(
            f"the Valkey user {user!r} may not do what is needed, and nothing was changed: allow it {', '.join(missing)}"
            " (docs/valkey.md has the whole line)"
        )
        self.user = user
        self.missing = tuple(missing)


class JobNotFound(LeewardError):
    """Raised when no provider knows the job: it never was, or it ended longer ago than its result is kept."""


class ResultTimeout(LeewardError):
    """Raised when a job did not end within the time one was willing to wait. The job goes on."""
