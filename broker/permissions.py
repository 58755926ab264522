"""What workers and admins must be allowed to do at Valkey (`leeward.wire.permissions` has the producers' part)."""

from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable

from leeward.wire.permissions import Permission, channels, commands_in, of_producer, on_provider, on_queues, plain

_BY_PYTHON = ("HGETALL", "HMGET", "HSET", "PEXPIRE", "MGET", "GET", "SET", "XLEN", "XRANGE", "XDEL")
_BY_ADMINS = (
    *("SREM", "SADD", "LPOS", "XREVRANGE", "ZCARD", "ZRANGE", "LLEN", "SISMEMBER", "HGET"),
    *("HSCAN", "HLEN", "HEXISTS", "LRANGE", "ZCOUNT", "ZRANK", "ZSCORE", "ZMSCORE"),
)


def of_worker(provider: str) -> list[Permission]:
    """What handing out, settling, renewing and draining need. Without channels they work, a few seconds later."""
    texts = (file.read_text(encoding="utf-8") for file in _scripts(files("broker")))
    ours = on_provider(provider, {*commands_in(texts), *_BY_PYTHON})
    return list(dict.fromkeys([*of_producer(provider), *ours]))


def to_be_woken() -> list[Permission]:
    """What wake-ups and the outboxes' bell need, of producers, workers and admins together."""
    return [*channels("PUBLISH", "message"), *channels("SUBSCRIBE"), *plain("UNSUBSCRIBE", "PING", "PUBSUB NUMSUB")]


def of_admin(provider: str) -> list[Permission]:
    """What the commands for people need beyond a worker's."""
    return [*on_provider(provider, _BY_ADMINS), *on_queues("SMEMBERS")]


def _scripts(folder: Traversable) -> Iterator[Traversable]:
    for entry in folder.iterdir():
        if entry.is_dir():
            yield from _scripts(entry)
        elif entry.name.endswith(".lua"):
            yield entry
