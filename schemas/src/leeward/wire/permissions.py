"""What a user of Valkey must be allowed to do, tried before anything is written: a script that is refused half-way leaves half its work."""

import json
import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import redis

from leeward.errors import NotPermitted
from leeward.wire.keys import (
    DEAD_ADDED,
    EVENT_ADDED,
    PUBLISHED_KINDS,
    QUEUES,
    WORKERS,
    ProviderKeys,
    catalogue_key,
    wake_channel,
)
from leeward.wire.process_keys import PROCESSES
from leeward.wire.script import Script
from leeward.wire.script_source import source
from leeward.wire.steps import Steps

_ANY = "permission-check"
"""The last part of the keys and channels that are named in a question. Nothing has this name."""
_CALLED = re.compile(r"redis\.p?call\(\s*'([A-Z]+)'")
_OF_LISTS = frozenset({"RPUSH", "LPUSH"})
"""`lanes.lua` is given the name of these."""
_SUBCOMMANDS = {"XINFO": ("STREAM",)}
_WITHOUT_KEY = frozenset({"TIME", "PUBLISH"})

_permissions = Script("leeward.wire.scripts", "permissions.lua")


class Permission(NamedTuple):
    """One command as it is used: its arguments, and what of it a person has to allow."""

    call: tuple[str, ...]
    shown: str


def commands_in(texts: Iterable[str]) -> set[str]:
    """The commands that scripts run on keys of a provider."""
    found = {command for text in texts for command in _CALLED.findall(text)} - _WITHOUT_KEY
    return found | _OF_LISTS


def on_provider(provider: str, commands: Iterable[str]) -> list[Permission]:
    """Commands on keys of a provider."""
    root = ProviderKeys(provider).root
    return [Permission(_sample(command, root + _ANY), f"{command} on {root}*") for command in sorted(set(commands))]


def on_queues(*commands: str) -> list[Permission]:
    return [Permission((command, QUEUES, _ANY), f"{command} on {QUEUES}") for command in commands]


def on_record() -> list[Permission]:
    """What publishing and reading kinds, catalogues and live workers need. Without them jobs run, but no one else knows what is served."""
    commands = {
        PUBLISHED_KINDS: ("HEXISTS", "HGET", "HGETALL", "HMGET", "HSET"),
        WORKERS: ("ZADD", "ZRANGEBYSCORE", "ZREM", "ZREMRANGEBYSCORE"),
        catalogue_key(_ANY): ("GET", "PEXPIRE", "SET"),
        PROCESSES: ("HDEL", "HGETALL", "HSET", "HVALS"),
    }
    shown = {catalogue_key(_ANY): catalogue_key("*")}
    return [
        Permission(_sample(command, key), f"{command} on {shown.get(key, key)}")
        for key, used in commands.items()
        for command in used
    ]


def plain(*commands: str) -> list[Permission]:
    """Commands without a key."""
    return [Permission(tuple(command.split()), command) for command in commands]


def channels(command: str, *rest: str) -> list[Permission]:
    """PUBLISH or SUBSCRIBE on the channels of wake-ups and of the outboxes' bell."""
    names = {wake_channel("*"): wake_channel(_ANY), DEAD_ADDED: DEAD_ADDED, EVENT_ADDED: EVENT_ADDED}
    return [Permission((command, name, *rest), f"{command} on channel {shown}") for shown, name in names.items()]


PRODUCER_SCRIPTS = ("enqueue.lua", "cancel.lua", "status.lua")


def of_producer(provider: str) -> list[Permission]:
    """What enqueueing, asking and cancelling need. Without channels they work, and workers look for themselves after a few seconds."""
    texts = (source("leeward.wire.scripts", name) for name in PRODUCER_SCRIPTS)
    return [*on_queues("SADD", "SMEMBERS"), *plain("TIME"), *on_provider(provider, commands_in(texts))]


def refused(provider: str, needed: Sequence[Permission]) -> Steps[list[str]]:
    """Which of these the server would refuse to the user who asks, as a person would name them. Empty when all are allowed.

    Raises:
        redis.RedisError: Valkey cannot be reached.
    """
    calls = [json.dumps(permission.call) for permission in needed]
    try:
        positions = yield from _permissions.steps(ProviderKeys(provider).root, calls)
    except redis.exceptions.NoPermissionError as error:
        # Without scripts, or without a key of this provider, nothing else can be found out.
        return [f"EVAL and EVALSHA on {ProviderKeys(provider).root}* ({error})"]
    return [needed[position - 1].shown for position in positions]


def require(user: str, provider: str, needed: Sequence[Permission]) -> Steps[None]:
    """Asks the server once.

    Raises:
        NotPermitted: with what is missing.
        redis.RedisError: Valkey cannot be reached.
    """
    if missing := (yield from refused(provider, needed)):
        raise NotPermitted(user, missing)


def user_of(client: redis.Redis) -> str:
    """The Valkey user that a client is."""
    return str(client.connection_pool.connection_kwargs.get("username") or "default")


def _sample(command: str, key: str) -> tuple[str, ...]:
    # Whichever of the arguments the server takes for keys, they are this one.
    return (command, *_SUBCOMMANDS.get(command, ()), key, key, key, key)
