"""Taking one person's data out of Valkey, in bounded steps. What names a person is decided by the caller."""

import secrets
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import redis

from broker.fleet.jobs.replies import text, texts
from leeward.status import JobState
from leeward.wire.keys import ProviderKeys

KEY = "leeward:erasure_key"
"""Keys the hashes of those who were erased. In Valkey, so that a copy of PostgreSQL alone shows nothing of them."""
_KEY_BYTES = 32
STEP = 500

Named = Callable[[Any], bool]
Erased = Callable[[bytes], bytes]


@dataclass(frozen=True, slots=True)
class LiveJob:
    """A job that names the person and has not ended."""

    provider: str
    job_id: str
    state: JobState


def erasure_key(client: redis.Redis) -> bytes:
    """The fleet's key for the hashes; made when there is none.

    Raises:
        redis.RedisError: Valkey cannot be reached.
    """
    client.set(KEY, secrets.token_hex(_KEY_BYTES), nx=True)
    return text(client.get(KEY)).encode()


def live_jobs(client: redis.Redis, provider: str, named: Named) -> Iterator[LiveJob]:
    """The jobs of a provider whose message names the person.

    Raises:
        redis.RedisError: Valkey cannot be reached.
    """
    keys = ProviderKeys(provider)
    for job_id, message in client.hscan_iter(keys.jobs, count=STEP):
        if not named(message):
            continue
        is_running = client.zscore(keys.leases, job_id) is not None
        is_due = client.zscore(keys.scheduled, job_id) is not None
        state = JobState.RUNNING if is_running else JobState.SCHEDULED if is_due else JobState.READY
        yield LiveJob(provider, text(job_id), state)


def erase_kept(client: redis.Redis, provider: str, named: Named, erased: Erased, *, apply: bool) -> dict[str, int]:
    """Outcomes and results, idempotency keys and corrections of a provider; returns how many name the person, by kind. Looks at every key
    that the server has.

    Raises:
        redis.RedisError: Valkey cannot be reached, or its user may not SCAN.
    """
    root = ProviderKeys(provider).root
    found = {"results": 0, "idempotency keys": 0, "corrections": 0}
    for names in _keys(client, root):
        found["results"] += _erase_outcomes(client, _of(names, root, "outcome:"), named, erased, apply=apply)
        found["corrections"] += _erase_corrections(client, _of(names, root, "corrected:"), named, apply=apply)
        for name in _of(names, root, "key:"):
            found["idempotency keys"] += _erase_key(client, name, name.removeprefix(root), named, erased, apply=apply)
    return found


def _of(names: list[str], root: str, kind: str) -> list[str]:
    return [name for name in names if name.startswith(root + kind)]


def _erase_outcomes(client: redis.Redis, names: list[str], named: Named, erased: Erased, *, apply: bool) -> int:
    values = zip(names, client.mget(names) if names else [], strict=True)
    mine = [(name, value) for name, value in values if value is not None and named(value)]
    for name, value in mine if apply else ():
        client.set(name, erased(_bytes(value)), xx=True, keepttl=True)
    return len(mine)


def _erase_corrections(client: redis.Redis, names: list[str], named: Named, *, apply: bool) -> int:
    mine = [name for name in names if named(client.get(name) or b"")]
    if mine and apply:
        client.delete(*mine)
    return len(mine)


def _erase_key(client: redis.Redis, name: str, shown: str, named: Named, erased: Erased, *, apply: bool) -> bool:
    state, result = (text(each) for each in client.hmget(name, ["state", "result"]))
    if named(shown) and state != "live":  # a live one belongs to a job that is listed
        if apply:
            client.delete(name)
        return True
    if result and named(result):
        if apply:
            client.hset(name, "result", erased(result.encode()).decode())
        return True
    return False


def erase_events(client: redis.Redis, provider: str, named: Named, *, apply: bool) -> int:
    """Events of a provider that name the person are deleted: a stream's entries cannot be changed. Handlers that have not had them yet do
    not get them.

    Raises:
        redis.RedisError: Valkey cannot be reached.
    """
    keys, found = ProviderKeys(provider), 0
    for stream in (keys.event_stream, keys.events):
        for ids in _entries(client, stream, named):
            found += len(ids)
            if apply:
                client.xdel(stream, *ids)
    return found


def erase_findings(client: redis.Redis, provider: str, named: Named, erased: Erased, *, apply: bool) -> int:
    """What the guards and the latest health probe quote of errors.

    Raises:
        redis.RedisError: Valkey cannot be reached.
    """
    keys, found = ProviderKeys(provider), 0
    for name in (keys.circuit, keys.health, keys.root + "tick_outcomes", keys.root + "ticks_paused"):
        fields: dict[Any, Any] = client.hgetall(name)
        for field, value in fields.items():
            if named(value):
                found += 1
                if apply:
                    client.hset(name, field, erased(_bytes(value)))
    return found


def _entries(client: redis.Redis, stream: str, named: Named) -> Iterator[list[str]]:
    after = "-"
    while found := client.xrange(stream, min=after, count=STEP):
        yield [text(id_) for id_, fields in found if any(map(named, (fields or {}).values()))]
        after = f"({text(found[-1][0])}"


def _keys(client: redis.Redis, root: str) -> Iterator[list[str]]:
    """The names of a provider's keys, some in each step."""
    pattern, cursor = root.replace("[", r"\[").replace("*", r"\*") + "*", 0
    while True:
        reply: Any = client.scan(cursor, match=pattern, count=STEP)
        cursor, names = reply
        yield texts(names)
        if cursor == 0:
            return


def _bytes(value: Any) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()


def counted(parts: Iterable[dict[str, int]]) -> dict[str, int]:
    """The sums of several counts."""
    total: dict[str, int] = {}
    for part in parts:
        for what, number in part.items():
            total[what] = total.get(what, 0) + number
    return total
