"""Jobs that wait in a lane, as many as a benchmark wants."""

from collections.abc import Callable, Iterator

from bench.stage import Stage
from leeward.jobs.priority import Priority
from leeward.jobs.queue_name import provider_of
from leeward.wire.entry import Entry, submit
from leeward.wire.keys import place

AT_ONCE = 5_000
MESSAGE = (
    b'{"queue_name":"%s","actor_name":"act","args":[],"kwargs":{},"options":{},"message_id":"%s","message_timestamp":1}'
)


def fill(stage: Stage, queue: str, ids: range, partition_of: Callable[[int], str] = lambda _: "") -> list[str]:
    """Enqueues a job for each number and returns their ids."""
    filled: list[str] = []
    for start in range(ids.start, ids.stop, AT_ONCE):
        entries = list(_entries(queue, range(start, min(start + AT_ONCE, ids.stop)), partition_of))
        submit(stage.client, provider_of(queue), entries)
        filled += [entry.job_id for entry in entries]
    return filled


def _entries(queue: str, ids: range, partition_of: Callable[[int], str]) -> Iterator[Entry]:
    for number in ids:
        job_id = f"00000000-0000-4000-8000-{number:012d}"
        message = MESSAGE % (queue.encode(), job_id.encode())
        yield Entry(job_id, place(queue, Priority.NORMAL, partition_of(number)), 0, message)
