"""What is wrong with a fake fleet, for tests of what a service does about it."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from leeward.errors import NoWorker, Unavailable
from leeward.jobs.queue_name import provider_of
from leeward.status import JobState
from leeward.testing.fake.job import FakeJob
from leeward.wire.entry import Entry, Refusal, Verdict


@dataclass
class Room:
    """How many jobs may wait; None where that is not bounded."""

    max_waiting: int | None = None
    partition_max_waiting: int | None = None


@dataclass
class Conditions:
    """Nothing is, at first.

    Attributes:
        unreachable: every call raises `Unavailable`.
        disabled: providers that are switched off.
        rooms: provider -> how many jobs may wait.
        unserved: queues that no worker serves.
    """

    unreachable: bool = False
    disabled: set[str] = field(default_factory=set)
    rooms: dict[str, Room] = field(default_factory=dict)
    unserved: set[str] = field(default_factory=set)

    def reach(self) -> None:
        """Raises: Unavailable: it is."""
        if self.unreachable:
            raise Unavailable("Valkey did not answer: the test has made this fake fleet unreachable")

    def no_worker(self, queue: str, known: Iterable[str]) -> NoWorker | None:
        """What is to be said of a queue that no worker serves."""
        provider_of(queue)
        return NoWorker(queue, set(known) - self.unserved) if queue in self.unserved else None

    def lack_of_room(self, live: Iterable[FakeJob], provider: str, entry: Entry) -> Refusal | None:
        """Why one more job may not wait; None where it may. The rule of `room.lua`."""
        if provider in self.disabled:
            return Refusal(Verdict.DISABLED, "", "", b"")
        room = self.rooms.get(provider)
        if room is None:
            return None
        waiting = [job for job in live if job.provider == provider and job.state is not JobState.RUNNING]
        if room.max_waiting is not None and len(waiting) >= room.max_waiting:
            return _full("", len(waiting), room.max_waiting)
        queue, _, rest = entry.place.partition(":")
        partition = rest.partition(":")[2]
        ready = [job for job in waiting if (job.queue, job.partition, job.state) == (queue, partition, JobState.READY)]
        if partition and room.partition_max_waiting is not None and len(ready) >= room.partition_max_waiting:
            return _full(partition, len(ready), room.partition_max_waiting)
        return None


def _full(partition: str, waiting: int, limit: int) -> Refusal:
    return Refusal(Verdict.FULL, partition, str(waiting), str(limit).encode())
