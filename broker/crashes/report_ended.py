"""Reports to the server that a process of this machine has ended, and what it ran."""

from collections.abc import Callable
from datetime import timedelta

import redis

from broker.crashes.run_record import Remains
from broker.events import CrashLoopFound, Events, LeasesReclaimed
from broker.options import SessionOptions
from broker.session.settle_payload import KEY_KEPT
from leeward.wire.keys import ProviderKeys
from leeward.wire.script import Script

_ended = Script("broker.scripts", "ended.lua")


def reporter(client: redis.Redis, options: SessionOptions, events: Events) -> Callable[[Remains], None]:
    """Takes back a process's jobs at once. The function raises `redis.RedisError` when Valkey cannot be reached; repeating is safe."""

    def report(remains: Remains) -> None:
        ran = [len(remains.started), *sorted(remains.started)] if remains.complete else [""]
        for provider in remains.providers:
            taken_back, buried = _ended(
                client,
                ProviderKeys(provider).root,
                ["", remains.process, options.crash_limit, _ms(options.outcome_kept), _ms(KEY_KEPT), *ran],
            )
            if taken_back:
                events.emit(LeasesReclaimed(provider, taken_back))
            for queue, actor in zip(buried[::2], buried[1::2], strict=True):
                events.emit(CrashLoopFound(queue.decode(), actor.decode()))

    return report


def _ms(span: timedelta) -> int:
    return round(span.total_seconds() * 1000)
