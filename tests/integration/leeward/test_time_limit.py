"""A server that accepts connections and is silent: no call waits for it longer than its time limit."""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from leeward import AsyncLeeward, Leeward, SyncUser, Unavailable
from tests.support.faults import FaultyProxy

LIMIT = timedelta(milliseconds=300)
OUT_OF_TIME = r"Valkey did not answer within 0\.3 s \(timeout\)"
CALLS: dict[str, Callable[[Any], Any]] = {
    "enqueue": lambda fleet: fleet.enqueue(SyncUser(user="alice")),
    "enqueue_many": lambda fleet: fleet.enqueue_many([SyncUser(user="alice")]),
    "status": lambda fleet: fleet.status("job"),
    "result": lambda fleet: fleet.result("job"),
    "cancel": lambda fleet: fleet.cancel("job"),
    "unserved": lambda fleet: fleet.unserved("sync.jellyfin"),
}


@pytest.fixture
def silent() -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"redis://127.0.0.1:{listener.getsockname()[1]}/0"


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_a_call_of_a_thread_ends_with_its_limit(silent: str, call: Callable[[Leeward], Any]) -> None:
    with Leeward(silent, timeout=LIMIT) as fleet, pytest.raises(Unavailable, match=OUT_OF_TIME):
        call(fleet)


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_a_call_of_a_task_ends_with_its_limit(silent: str, call: Callable[[AsyncLeeward], Awaitable[Any]]) -> None:
    async def run() -> None:
        async with AsyncLeeward(silent, timeout=LIMIT) as fleet:
            await call(fleet)

    with pytest.raises(Unavailable, match=OUT_OF_TIME):
        asyncio.run(run())


def test_of_many_tasks_each_call_ends_with_its_limit(silent: str) -> None:
    async def run() -> list[Any]:
        async with AsyncLeeward(silent, timeout=LIMIT) as fleet:
            calls = (fleet.enqueue(SyncUser(user=str(number))) for number in range(20))
            return await asyncio.gather(*calls, return_exceptions=True)

    answers = asyncio.run(run())

    assert {str(answer)[:35] for answer in answers} == {"Valkey did not answer within 0.3 s "}
    assert len({id(answer) for answer in answers}) == 20


def test_a_connection_that_leads_nowhere_any_more_leaves_time_for_a_new_one(proxy: FaultyProxy) -> None:
    """As after a failover that no one announced: the old connection stays open and silent."""
    with Leeward(proxy.url, timeout=timedelta(seconds=3)) as fleet:
        first = fleet.enqueue(SyncUser(user="alice"))
        proxy.forget_open_connections()

        assert fleet.enqueue(SyncUser(user="bob")).job_id != first.job_id


def test_so_does_one_of_an_event_loop(proxy: FaultyProxy) -> None:
    async def run() -> None:
        async with AsyncLeeward(proxy.url, timeout=timedelta(seconds=3)) as fleet:
            await fleet.enqueue(SyncUser(user="alice"))
            proxy.forget_open_connections()
            calls = (fleet.enqueue(SyncUser(user=str(number))) for number in range(20))
            assert len({answer.job_id for answer in await asyncio.gather(*calls)}) == 20

    asyncio.run(run())
