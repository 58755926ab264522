"""A server that loses its scripts while many jobs are on their way to it."""

import threading

import pytest
import redis

from leeward import Leeward, Request, SyncUser
from leeward.wire.entry import BATCH
from tests.support.answers import accepted, text
from tests.support.faults import FaultyProxy

READY = "leeward:{jellyfin}:ready:sync.jellyfin:normal"


def ids(valkey: redis.Redis) -> list[str]:
    return [text(job) for job in valkey.lrange(READY, 0, -1)]


@pytest.mark.parametrize("flushes", range(1, 11))
def test_a_bulk_enqueue_survives_lost_scripts(
    fleet: Leeward, valkey: redis.Redis, monkeypatch: pytest.MonkeyPatch, flushes: int
) -> None:
    """Before each of so many calls the server forgets its scripts."""
    fleet.enqueue(SyncUser(user="warm"))
    from leeward.wire.valkey import thread_connection

    packed, left = (
        thread_connection._packed,
        iter(range(flushes)),
    )  # between two pipelined calls there is no other place

    def packed_after_a_flush(connection: object, command: list[object]) -> object:
        if command[0] == "EVALSHA" and next(left, None) is not None:
            valkey.script_flush()
        return packed(connection, command)

    monkeypatch.setattr(thread_connection, "_packed", packed_after_a_flush)

    answers = accepted(fleet.enqueue_many(SyncUser(user=f"user-{number}") for number in range(6 * BATCH + 1)))

    assert ids(valkey)[1:] == [answer.job_id for answer in answers]


def test_scripts_that_are_lost_all_the_time_cost_time_and_nothing_else(fleet: Leeward, valkey: redis.Redis) -> None:
    fleet.enqueue(SyncUser(user="warm"))
    stopping = threading.Event()

    def flush() -> None:
        while not stopping.is_set():
            valkey.script_flush()

    thread = threading.Thread(target=flush)
    thread.start()
    try:
        jobs = [Request(SyncUser(user=f"user-{n}"), idempotency_key=f"key-{n}") for n in range(12 * BATCH)]
        answers = accepted(fleet.enqueue_many(jobs))
    finally:
        stopping.set()
        thread.join()

    assert not any(answer.duplicate for answer in answers)
    assert sorted(ids(valkey)[1:]) == sorted(answer.job_id for answer in answers)


def test_scripts_that_are_lost_beside_a_lost_reply(proxy: FaultyProxy, valkey: redis.Redis) -> None:
    with Leeward(proxy.url) as fleet:
        fleet.enqueue(SyncUser(user="warm"))
        valkey.script_flush()
        proxy.lose_reply_to(b"EVAL")

        answers = accepted(fleet.enqueue_many(SyncUser(user=f"user-{number}") for number in range(4 * BATCH)))

    assert sorted(ids(valkey)[1:]) == sorted(answer.job_id for answer in answers)
