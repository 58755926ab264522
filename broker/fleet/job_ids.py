"""Jobs by the beginning of their id. Valkey has no index of that: ids are walked over, in many short steps that delay no other client."""

import re
from collections.abc import Iterable, Iterator
from itertools import islice

import redis

from leeward.wire.keys import ProviderKeys

STEP = 2_000
"""Ids that the server looks at in one step: well below a millisecond."""
_BEGINNING = re.compile(r"[0-9a-f-]{4,36}", re.IGNORECASE)


def is_beginning(text: str) -> bool:
    """Whether the id of a job can begin so."""
    return _BEGINNING.fullmatch(text) is not None


def jobs_beginning(client: redis.Redis, providers: Iterable[str], beginning: str, *, limit: int) -> list[str]:
    """The ids that begin so, of jobs that are live or ended lately; no more than `limit`.

    Raises:
        redis.RedisError: Valkey cannot be reached.
    """
    return sorted(islice(dict.fromkeys(_found(client, providers, beginning.lower())), limit))


def _found(client: redis.Redis, providers: Iterable[str], beginning: str) -> Iterator[str]:
    for provider in providers:
        keys = ProviderKeys(provider)
        # The places of jobs are short, as their messages are not.
        for id_, _ in client.hscan_iter(keys.places, match=f"{beginning}*", count=STEP):
            yield _text(id_)
        ended = keys.outcome("")
        for key in client.scan_iter(match=f"{_literal(ended)}{beginning}*", count=STEP, _type="string"):
            yield _text(key).removeprefix(ended)


def _literal(text: str) -> str:
    return re.sub(r"([\[\]*?\\])", r"\\\1", text)


def _text(value: bytes | str) -> str:
    return value.decode() if isinstance(value, bytes) else value
