"""What the Valkey user of this machine may not do, tried without doing it."""

from collections.abc import Callable, Iterable

import redis

from broker.permissions import of_admin, of_worker, to_be_woken
from leeward.wire.permissions import Permission, of_producer, on_record, refused, user_of
from leeward.wire.valkey.performing import perform

LINES = "docs/valkey.md has the lines for producers, workers and admins"


def permission_problems(client: redis.Redis, providers: Iterable[str]) -> list[str]:
    """A sentence for each thing that does not work for this user, the gravest first. Empty when it may do all that the fleet does.

    Raises:
        redis.RedisError: Valkey cannot be reached.
    """
    parts: dict[str, Callable[[str], list[Permission]]] = {
        "enqueue": of_producer,
        "work": of_worker,
        "receive wake-ups (jobs and dead letters wait some seconds)": lambda _: to_be_woken(),
        "change queues, jobs and providers": of_admin,
        "publish and read what workers serve": lambda _: on_record(),
    }
    found: list[str] = []
    reported: set[str] = set()
    for what, needed in parts.items():
        names = [
            name for provider in sorted(providers) for name in perform(client, refused(provider, needed(provider)))
        ]
        if missing := [name for name in dict.fromkeys(names) if name not in reported]:
            reported.update(missing)
            found.append(f"the Valkey user {user_of(client)!r} cannot {what}: allow it {', '.join(missing)}; {LINES}")
    return found
