"""The record of what was done to many jobs: an event of each provider, also where it was broken off."""

from collections import Counter
from collections.abc import Iterator

import redis

from broker.fleet.operator_events import note
from leeward_admin.jobs.bulk.selection import JobSelection

CANCELLED, REPRIORITISED, PURGED = "jobs_cancelled", "jobs_reprioritised", "queue_purged"


def recorded(
    client: redis.Redis, batches: Iterator[Counter[str]], selection: JobSelection, event: str, why: str, who: str
) -> Iterator[Counter[str]]:
    """The batches as they come, and at their end the event.

    Raises:
        redis.RedisError: Valkey cannot be reached; what was said is done.
    """
    total: Counter[str] = Counter()
    try:
        for batch in batches:
            total += batch
            yield batch
    finally:
        if total:
            counts = ", ".join(f"{number:,} {what}" for what, number in sorted(total.items()))
            for provider, places in selection.places.items():
                if places:
                    note(client, provider, event, f"{why}: {counts}", who)
