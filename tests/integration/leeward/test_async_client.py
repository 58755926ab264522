"""`AsyncLeeward` on a real server: the same answers as `Leeward`, from an event loop."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from datetime import timedelta
from inspect import CORO_SUSPENDED, getcoroutinestate
from typing import Any

import pytest
import redis

from leeward import (
    AsyncLeeward,
    Enqueued,
    IdempotencyConflict,
    JobNotFound,
    JobState,
    Leeward,
    QueueFull,
    Request,
    SyncUser,
    Unavailable,
)
from leeward.errors import Invalid
from tests.support.answers import accepted
from tests.support.faults import FaultyProxy
from tests.support.waiting import wait_until

ENQUEUE = b"EVAL"


def user(number: int) -> SyncUser:
    return SyncUser(user=f"user-{number}")


def on(url: str, use: Callable[[AsyncLeeward], Coroutine[Any, Any, Any]]) -> Any:
    async def run() -> Any:
        async with AsyncLeeward(url) as fleet:
            return await use(fleet)

    return asyncio.run(run())


async def until(predicate: Callable[[], bool], description: str) -> None:
    """Waits while the loop goes on."""
    await asyncio.to_thread(wait_until, predicate, description=description)


def calls(valkey: "redis.Redis") -> int:
    """How many scripts the server has run by their digests."""
    count: int = valkey.info("commandstats")["cmdstat_evalsha"]["calls"]
    return count


def test_it_enqueues_asks_and_cancels(valkey_url: str) -> None:
    async def use(fleet: AsyncLeeward) -> None:
        job = await fleet.enqueue(SyncUser(user="alice"), idempotency_key="k", tags=["x"])
        again = await fleet.enqueue(SyncUser(user="alice"), idempotency_key="k")
        status = await fleet.status(job.job_id)

        assert (again.job_id, again.duplicate) == (job.job_id, True)
        assert (status.state, status.tags) == (JobState.READY, ("x",))
        assert await fleet.cancel(job.job_id)
        assert (await fleet.status(job.job_id)).state is JobState.CANCELLED
        with pytest.raises(JobNotFound):
            await fleet.status("none")
        with pytest.raises(Invalid, match="write delay="):
            await fleet.enqueue(SyncUser(user="alice"), delay=5)  # type: ignore[arg-type]

    on(valkey_url, use)


def test_tasks_that_enqueue_at_once_share_calls_and_get_answers_of_their_own(
    valkey_url: str, valkey: "redis.Redis"
) -> None:
    async def use(fleet: AsyncLeeward) -> list[Any]:
        await fleet.enqueue(SyncUser(user="first"), idempotency_key="taken")
        valkey.config_resetstat()
        wanted: list[Awaitable[Any]] = [fleet.enqueue(user(number)) for number in range(60)]
        wanted.append(fleet.enqueue(SyncUser(user="other"), idempotency_key="taken"))
        wanted.append(fleet.enqueue(SyncUser(user="x" * 255, password="p" * 300_000)))
        return await asyncio.gather(*wanted, return_exceptions=True)

    *taken, conflict, too_large = on(valkey_url, use)
    made = calls(valkey)

    assert len({answer.job_id for answer in taken}) == 60
    assert isinstance(conflict, IdempotencyConflict)
    assert type(too_large).__name__ == "MessageTooLarge"
    assert valkey.hlen("leeward:{jellyfin}:jobs") == 61
    assert made <= 3


def test_jobs_of_tasks_wait_in_the_order_in_which_they_were_enqueued(valkey_url: str, valkey: "redis.Redis") -> None:
    async def use(fleet: AsyncLeeward) -> list[Enqueued]:
        return await asyncio.gather(*(fleet.enqueue(user(number)) for number in range(300)))

    ids = [answer.job_id.encode() for answer in on(valkey_url, use)]

    assert valkey.lrange("leeward:{jellyfin}:ready:sync.jellyfin:normal", 0, -1) == ids


def test_where_there_is_no_room_each_caller_is_refused_or_waits_by_itself(
    valkey_url: str, valkey: "redis.Redis"
) -> None:
    valkey.hset("leeward:{jellyfin}:guards", "max_waiting", "3")
    valkey.set("leeward:{jellyfin}:bounded", "1")

    async def use(fleet: AsyncLeeward) -> list[Any]:
        wanted = (fleet.enqueue(user(number)) for number in range(5))
        answers: list[Any] = await asyncio.gather(*wanted, return_exceptions=True)
        waiting = asyncio.create_task(fleet.enqueue(user(9), wait=timedelta(seconds=30)))
        await fleet.cancel(answers[0].job_id)
        return [*answers, await waiting]

    answers = on(valkey_url, use)

    assert [type(answer) for answer in answers] == [Enqueued] * 3 + [QueueFull] * 2 + [Enqueued]


def test_a_task_that_is_cancelled_leaves_the_others_their_answers(valkey_url: str, valkey: "redis.Redis") -> None:
    async def use(fleet: AsyncLeeward) -> None:
        await fleet.enqueue(user(0))
        valkey.client_pause(60_000, all=False)
        enqueuing = [fleet.enqueue(user(number)) for number in range(20)]
        tasks = [asyncio.create_task(one) for one in enqueuing]
        await until(lambda: all(getcoroutinestate(one) == CORO_SUSPENDED for one in enqueuing), "all wait")
        for task in tasks[::2]:
            task.cancel()
        valkey.client_unpause()
        answers = await asyncio.gather(*tasks, return_exceptions=True)

        assert all(isinstance(answer, asyncio.CancelledError) for answer in answers[::2])
        for answer in answers[1::2]:
            assert isinstance(answer, Enqueued)
            assert (await fleet.status(answer.job_id)).state is JobState.READY

    on(valkey_url, use)


def test_many_jobs_go_in_one_call(valkey_url: str) -> None:
    async def use(fleet: AsyncLeeward) -> list[Any]:
        return await fleet.enqueue_many([Request(user(number)) for number in range(1_100)])

    assert len({answer.job_id for answer in accepted(on(valkey_url, use))}) == 1_100


def test_a_lost_reply_enqueues_each_job_once(proxy: FaultyProxy, valkey: "redis.Redis") -> None:
    async def use(fleet: AsyncLeeward) -> None:
        await fleet.enqueue(user(0))
        proxy.lose_reply_to(ENQUEUE)
        await asyncio.gather(*(fleet.enqueue(user(number)) for number in range(1, 30)))

    on(proxy.url, use)

    assert proxy.swallowed == 1
    assert valkey.llen("leeward:{jellyfin}:ready:sync.jellyfin:normal") == 30


def test_a_server_that_lost_its_scripts_is_given_them_again(valkey_url: str, valkey: "redis.Redis") -> None:
    async def use(fleet: AsyncLeeward) -> None:
        await fleet.enqueue(user(0))
        valkey.script_flush()
        await fleet.enqueue(user(1))
        valkey.script_flush()
        assert len(await fleet.enqueue_many([user(number) for number in range(600)])) == 600

    on(valkey_url, use)

    assert valkey.hlen("leeward:{jellyfin}:jobs") == 602


def test_it_follows_a_job_to_its_end(valkey_url: str, valkey: "redis.Redis") -> None:
    async def use(fleet: AsyncLeeward) -> Any:
        job = await fleet.enqueue(user(0))
        assert (await fleet.status(job.job_id)).state is JobState.READY
        before = calls(valkey)
        waiting = asyncio.create_task(fleet.result(job.job_id))
        await until(lambda: calls(valkey) > before, "the job is asked for")
        with valkey.pipeline() as ending:
            ending.hdel("leeward:{jellyfin}:jobs", job.job_id)
            ending.set(f"leeward:{{jellyfin}}:outcome:{job.job_id}", '{"state":"done","result":{"created":true}}')
            ending.execute()
        return await waiting

    assert on(valkey_url, use) == {"created": True}


def test_one_client_serves_one_loop_after_another(valkey_url: str) -> None:
    fleet = AsyncLeeward(valkey_url)

    async def use() -> str:
        job = await fleet.enqueue(user(0))
        await fleet.close()
        return job.job_id

    first, second = asyncio.run(use()), asyncio.run(use())

    with Leeward(valkey_url) as looking:
        assert {looking.status(job).state for job in (first, second)} == {JobState.READY}


def test_where_nothing_listens_the_error_says_so() -> None:
    async def use(fleet: AsyncLeeward) -> None:
        await asyncio.gather(*(fleet.enqueue(user(number)) for number in range(3)))

    with pytest.raises(Unavailable, match="Valkey did not answer"):
        on("redis://127.0.0.1:1/0", use)
