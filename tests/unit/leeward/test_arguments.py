"""What a caller passes by mistake is answered with what to pass, before anything is sent."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from leeward import AsyncLeeward, Enqueued, Leeward, Request, SyncUser
from leeward.errors import Invalid
from leeward.testing import FakeAsyncLeeward, FakeLeeward

ALICE = SyncUser(user="alice")
NOWHERE = "redis://127.0.0.1:1/0"
MISTAKES: list[tuple[Callable[[Any], Any], str]] = [
    (lambda fleet: fleet.status(Enqueued("j", "jellyfin")), "pass its job_id, enqueued.job_id"),
    (lambda fleet: fleet.cancel(7), "a job's id is a text; this one is int"),
    (lambda fleet: fleet.result("j", timeout=30), "write timeout=timedelta(seconds=30)"),
    (lambda fleet: fleet.cancel("j", wait=5), "write wait=timedelta(seconds=5)"),
    (lambda fleet: fleet.enqueue(ALICE, wait=5), "write wait=timedelta(seconds=5)"),
    (lambda fleet: fleet.enqueue(ALICE, wait=timedelta(seconds=-1)), "wait is negative"),
    (lambda fleet: fleet.enqueue_many([ALICE], wait=5), "write wait=timedelta(seconds=5)"),
    (lambda fleet: fleet.enqueue_batch([ALICE], wait=5), "write wait=timedelta(seconds=5)"),
    (lambda fleet: fleet.enqueue({"user": "alice"}), "a dict is not a job"),
    (lambda fleet: fleet.enqueue_many(ALICE), "pass a list, enqueue_many([job])"),
    (lambda fleet: fleet.enqueue_many(Request(ALICE)), "pass a list, enqueue_many([job])"),
    (lambda fleet: fleet.enqueue_many({"a": ALICE}), "as a list; this one is dict"),
    (lambda fleet: fleet.enqueue_many([ALICE, {"user": "bob"}]), "number 1 of the list: a dict is not a job"),
]


@pytest.mark.parametrize("client", [partial(Leeward, NOWHERE), FakeLeeward])
@pytest.mark.parametrize(("call", "said"), MISTAKES)
def test_a_thread_is_answered(client: Callable[[], Leeward], call: Callable[[Any], Any], said: str) -> None:
    with client() as fleet, pytest.raises(Invalid) as refused:
        call(fleet)
    assert said in str(refused.value)


@pytest.mark.parametrize("client", [partial(AsyncLeeward, NOWHERE), FakeAsyncLeeward])
@pytest.mark.parametrize(("call", "said"), MISTAKES)
def test_a_task_is_answered(client: Callable[[], AsyncLeeward], call: Callable[[Any], Any], said: str) -> None:
    async def run() -> None:
        await call(client())

    with pytest.raises(Invalid) as refused:
        asyncio.run(run())
    assert said in str(refused.value)


@pytest.mark.parametrize("client", [Leeward, AsyncLeeward])
@pytest.mark.parametrize(
    ("url", "timeout", "said"),
    [
        (None, timedelta(seconds=1), "is the variable set?"),
        (NOWHERE, 5, "write timeout=timedelta(seconds=5)"),
        (NOWHERE, timedelta(0), "timeout is 0: a call needs some time"),
    ],
)
def test_a_client_is_not_made_of_what_it_cannot_be(client: Any, url: Any, timeout: Any, said: str) -> None:
    with pytest.raises(Invalid) as refused:
        client(url, timeout=timeout)
    assert said in str(refused.value)
