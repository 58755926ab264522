"""Encoders, async and generic actors, and messages that come back: the rest of Dramatiq's Broker interface."""

import asyncio
from collections.abc import Iterator

import dramatiq
import pytest
import redis
from dramatiq import Message, get_encoder, set_encoder
from dramatiq.encoder import PickleEncoder
from dramatiq.errors import QueueJoinTimeout
from dramatiq.middleware import AsyncIO

from broker.broker import LeewardBroker
from tests.support.fleets.workers_under_test import AT_ONCE, dead_letters, run_until_empty, working


@pytest.fixture
def pickled() -> Iterator[None]:
    before = get_encoder()
    set_encoder(PickleEncoder())
    yield
    set_encoder(before)


@pytest.mark.usefixtures("pickled")
def test_another_encoder_carries_what_json_cannot(broker: LeewardBroker, valkey: "redis.Redis") -> None:
    got: list[object] = []

    @dramatiq.actor(max_retries=1, **AT_ONCE)
    def act(value: object) -> None:
        got.append(value)
        raise ValueError("once more")

    act.send({1, 2, 3})
    run_until_empty(broker, "default")

    (letter,) = dead_letters(valkey, "default")
    assert got == [{1, 2, 3}, {1, 2, 3}]
    assert Message.decode(letter["message"]).args == ({1, 2, 3},)


def test_async_actors_run_in_the_event_loop(broker: LeewardBroker) -> None:
    got: list[int] = []
    broker.add_middleware(AsyncIO())

    @dramatiq.actor(max_retries=1, **AT_ONCE)
    async def act(n: int) -> None:
        await asyncio.sleep(0)
        got.append(n)
        if len(got) == 1:
            raise ValueError("once more")

    act.send(5)
    run_until_empty(broker, "default")

    assert got == [5, 5]


def test_generic_actors_run(broker: LeewardBroker) -> None:
    got: list[tuple[object, int]] = []

    class Adds(dramatiq.GenericActor):
        class Meta:
            abstract = True
            queue_name = "generic"

        def perform(self, n: int) -> None:
            got.append((type(self).__name__, n))

    class AddsTen(Adds):
        pass

    AddsTen.send(10)
    run_until_empty(broker, "generic")

    assert got == [("AddsTen", 10)]


def test_an_actor_can_still_be_called_as_a_function(broker: LeewardBroker) -> None:
    @dramatiq.actor
    def add(a: int, b: int) -> int:
        return a + b

    assert add(2, 3) == 5


def test_a_message_can_be_enqueued_again_from_its_own_actor(broker: LeewardBroker) -> None:
    from dramatiq.middleware import CurrentMessage

    runs: list[int] = []
    broker.add_middleware(CurrentMessage())

    @dramatiq.actor
    def act() -> None:
        runs.append(1)
        if len(runs) < 3:
            message = CurrentMessage.get_current_message()
            assert message is not None
            broker.enqueue(message, delay=1)

    act.send()
    run_until_empty(broker, "default")

    assert len(runs) == 3


def test_a_worker_can_be_paused_and_resumed(broker: LeewardBroker) -> None:
    ran: list[int] = []

    @dramatiq.actor
    def act() -> None:
        ran.append(1)

    with working(broker) as worker:
        worker.pause()
        act.send()
        with pytest.raises(QueueJoinTimeout):
            broker.join("default", timeout=300)
        assert ran == []
        worker.resume()
        broker.join("default", timeout=10_000)

    assert ran == [1]
