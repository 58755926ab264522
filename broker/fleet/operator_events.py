"""What people did to a provider's jobs and queues, among the events of its guards: shown by `leeward provider show`."""

import redis

from leeward.wire.keys import ProviderKeys

KEPT = 1_000


def note(client: redis.Redis, provider: str, event: str, cause: str, by: str) -> None:
    """Adds an event.

    Args:
        client: where to.
        provider: whose event it is.
        event: its name, as `jobs_cancelled`.
        cause: what was done, for people.
        by: who did it.

    Raises:
        redis.RedisError: Valkey cannot be reached.
    """
    seconds, microseconds = client.time()
    client.xadd(
        ProviderKeys(provider).events,
        {"at": str(seconds * 1000 + microseconds // 1000), "event": event, "cause": cause, "by": by},
        maxlen=KEPT,
        approximate=True,
    )
