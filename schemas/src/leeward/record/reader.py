"""What the workers of a fleet have published, as it is read on any machine."""

from collections.abc import Iterable, Mapping
from datetime import timedelta

import redis
from pydantic import ValidationError

from leeward.jobs.queue_name import provider_of
from leeward.record.catalogue import Catalogue
from leeward.record.published_kind import PublishedKind
from leeward.wire.keys import PUBLISHED_KINDS, WORKERS, ProviderKeys, catalogue_key
from leeward.wire.steps import AskInTurn, Steps, ask
from leeward.wire.valkey.performing import perform

FRESH = timedelta(seconds=30)
"""A worker that has been silent for longer is taken for gone."""
REVISION = "revision"
"""The member of `leeward:kinds` that changes whenever another one does."""


def revision(client: redis.Redis) -> str:
    """What a reader compares to know whether the kinds have changed; empty while none is published.

    Raises:
        redis.RedisError: Valkey cannot be reached.
    """
    return text_of(client.hget(PUBLISHED_KINDS, REVISION) or b"")


def kinds(client: redis.Redis) -> dict[str, PublishedKind]:
    """Every kind that a worker of this fleet ever served, by `<kind>@<version>`. What cannot be understood is left out.

    Raises:
        redis.RedisError: Valkey cannot be reached.
    """
    texts = {text_of(name): text for name, text in client.hgetall(PUBLISHED_KINDS).items()}
    texts.pop(REVISION, None)
    read = {name: PublishedKind.read(text) for name, text in sorted(texts.items())}
    return {name: kind for name, kind in read.items() if kind is not None}


def workers(client: redis.Redis) -> dict[str, Catalogue]:
    """Process -> what it serves, of the worker processes that live and say so; those of older releases do not.

    Raises:
        redis.RedisError: Valkey cannot be reached.
    """
    return perform(client, live_workers())


def live_workers() -> Steps[dict[str, Catalogue]]:
    """The same as `workers`, as steps of an operation."""
    since = yield from _fresh_since()
    members = [member.rpartition(" ") for member in (yield from _since(WORKERS, since))]
    digests = sorted({digest for _, _, digest in members})
    texts = yield AskInTurn([("GET", catalogue_key(digest)) for digest in digests])
    read = {digest: _catalogue(text) for digest, text in zip(digests, texts, strict=True)}
    return {process: found for process, _, digest in members if (found := read[digest]) is not None}


def has_silent_worker(queue: str, known: Mapping[str, Catalogue]) -> Steps[bool]:
    """Whether a live worker asks for jobs of a queue's provider without saying what it serves: one of an older release, or another program
    that runs the broker.

    Raises:
        redis.RedisError: Valkey cannot be reached.
    """
    provider, since = provider_of(queue), (yield from _fresh_since())
    keys = ProviderKeys(provider)
    asked = yield from _since(keys.workers, since)
    is_seen = not asked and float((yield from ask("GET", keys.seen)) or 0) >= since
    return asks_silently(provider, asked, known, is_seen=is_seen)


def asks_silently(provider: str, asked: Iterable[str], known: Mapping[str, Catalogue], *, is_seen: bool) -> bool:
    """The rule of `has_silent_worker`.

    Args:
        provider: the queue's.
        asked: the processes that asked for its jobs lately.
        known: the processes that say what they serve.
        is_seen: that any process did. Of a provider without guards no list is kept, only when any worker asked last.
    """
    if any(process not in known for process in asked):
        return True
    served = {provider_of(one) for catalogue in known.values() for one in catalogue.queues}
    return provider not in served and is_seen


def text_of(value: bytes | str) -> str:
    return value.decode() if isinstance(value, bytes) else value


def _since(key: str, score: int) -> Steps[list[str]]:
    found = yield from ask("ZRANGEBYSCORE", key, score, "+inf")
    return [text_of(member) for member in found]


def _catalogue(text: bytes | str | None) -> Catalogue | None:
    try:
        return None if text is None else Catalogue.model_validate_json(text)
    except ValidationError:
        return None


def _fresh_since() -> Steps[int]:
    seconds, microseconds = yield from ask("TIME")
    return int(seconds) * 1000 + int(microseconds) // 1000 - FRESH // timedelta(milliseconds=1)
