"""Enqueueing the rows of an outbox, each once, however long a relay that was stopped half-way stays away.

The same step that makes jobs durable notes their ids. A relay that finds rows whose ids are noted knows that they were enqueued, also when
those jobs have long ended and are forgotten.
"""

import os
from collections.abc import Sequence
from itertools import chain
from typing import NamedTuple

import redis

from leeward.wire.entry import BATCH, Entry, Refusal, refusals_of
from leeward.wire.keys import ProviderKeys
from leeward.wire.script import Script
from leeward.wire.valkey.reconnect import persistently

_NONE = "-"
_OVERTAKEN = b"overtaken"

_enqueue = Script("leeward.wire.scripts", "enqueue.lua")


class Overtaken(Exception):
    """Raised when another relay has moved rows of the same shard meanwhile. Nothing was enqueued: read the shard again."""


class Latest(NamedTuple):
    """The latest call for one shard of an outbox.

    Attributes:
        token: names the call.
        job_ids: what it enqueued, or found enqueued.
    """

    token: str = _NONE
    job_ids: tuple[str, ...] = ()


def latest(client: redis.Redis, provider: str, shard: str) -> Latest:
    """`shard` is `<outbox>/<number>`, without spaces.

    Raises:
        Unavailable: Valkey cannot be reached.
    """
    found = persistently(lambda _: client.hget(ProviderKeys(provider).relayed, shard))
    if found is None:
        return Latest()
    token, *job_ids = (found.decode() if isinstance(found, bytes) else found).split(" ")
    return Latest(token, tuple(job_ids))


class Relayed(NamedTuple):
    """What became of a call.

    Attributes:
        token: names it from now on, as `Latest.token`.
        refusals: by position; what is not named was enqueued, or had been before.
    """

    token: str
    refusals: dict[int, Refusal]


def relay(client: redis.Redis, provider: str, shard: str, entries: Sequence[Entry], after: Latest) -> Relayed:
    """Enqueues up to `BATCH` jobs in one call and notes it.

    Args:
        client: where to.
        provider: whose queues they go to.
        shard: as for `latest`.
        entries: the jobs, in the order in which they are to wait.
        after: the latest call, as this relay knows it.

    Raises:
        Overtaken: `after` is not the latest call any more.
        Unavailable: Valkey could not be reached several times in a row; they may or may not have been enqueued.
    """
    assert len(entries) <= BATCH
    token = os.urandom(8).hex()
    arguments = ["", f"1@{shard} {after.token} {token}", 0, 0, *chain.from_iterable(entry[:7] for entry in entries)]
    reply = persistently(lambda _: _enqueue(client, ProviderKeys(provider).root, arguments))
    if reply and reply[0] == _OVERTAKEN:
        raise Overtaken(f"another relay has moved rows of {shard}")
    return Relayed(token, refusals_of(reply))
