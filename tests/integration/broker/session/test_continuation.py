"""A message that is enqueued again while it is processed: how its delivery ends, in one step."""

from collections.abc import Iterator
from typing import Any

import dramatiq
import pytest
import redis
from dramatiq.middleware import CurrentMessage

from broker.broker import LeewardBroker
from leeward.wire.keys import ProviderKeys
from tests.support.answers import raw
from tests.support.fleets.workers_under_test import actor_of, broker_at, final_state, run_until_empty

EMAIL = ProviderKeys("lab")


@pytest.fixture
def stock(valkey_url: str) -> Iterator[LeewardBroker]:
    """With Dramatiq's own middleware."""
    with broker_at(valkey_url) as broker:
        broker.add_middleware(CurrentMessage())
        yield broker


def current() -> "dramatiq.Message[Any]":
    message = CurrentMessage.get_current_message()
    assert message is not None
    return message


def test_a_message_that_is_enqueued_again_with_another_lane_waits_there(
    stock: LeewardBroker, valkey: "redis.Redis"
) -> None:
    lanes: list[bytes] = []

    def act() -> None:
        message = current()
        lanes.append(raw(valkey.hget(EMAIL.places, message.message_id)))
        if len(lanes) == 1:
            stock.enqueue(message.copy(options={"priority": "bulk"}), delay=1)

    actor_of(stock)(act).send()
    run_until_empty(stock, "lab")

    assert lanes == [b"lab:normal", b"lab:bulk"]


def test_a_message_that_is_enqueued_again_on_another_queue_of_its_provider_waits_there(
    stock: LeewardBroker, valkey: "redis.Redis"
) -> None:
    places: list[bytes] = []
    stock.declare_queue("other.lab")

    def act() -> None:
        message = current()
        places.append(raw(valkey.hget(EMAIL.places, message.message_id)))
        if len(places) == 1:
            stock.enqueue(message.copy(queue_name="other.lab"))

    message = actor_of(stock)(act).send()
    run_until_empty(stock, "lab", "other.lab")

    assert places == [b"lab:normal", b"other.lab:normal"]
    assert final_state(valkey, "lab", message.message_id) == "done"


def test_a_message_that_is_enqueued_again_at_another_provider_ends_here_and_runs_there(
    stock: LeewardBroker, valkey: "redis.Redis"
) -> None:
    ran: list[str] = []
    stock.declare_queue("elsewhere")

    def act() -> None:
        message = current()
        ran.append(message.queue_name)
        if len(ran) == 1:
            stock.enqueue(message.copy(queue_name="elsewhere"))

    message = actor_of(stock)(act).send()
    run_until_empty(stock, "lab", "elsewhere")

    assert ran == ["lab", "elsewhere"]
    assert final_state(valkey, "lab", message.message_id) == "done"


def test_what_cannot_be_encoded_is_told_to_who_enqueues_it_and_the_job_goes_on(
    stock: LeewardBroker, valkey: "redis.Redis"
) -> None:
    told: list[type[BaseException]] = []

    def act(**_: object) -> None:
        message = current()
        try:
            stock.enqueue(message.copy(kwargs={"value": object()}))
        except TypeError as error:
            told.append(type(error))

    message = actor_of(stock)(act).send()
    run_until_empty(stock, "lab")

    assert told == [TypeError]
    assert final_state(valkey, "lab", message.message_id) == "done"


def test_another_message_is_a_job_of_its_own(stock: LeewardBroker) -> None:
    ran: list[int] = []
    actor: dramatiq.Actor[..., Any]

    def act(n: int) -> None:
        ran.append(n)
        if n < 3:
            actor.send(n + 1)

    actor = actor_of(stock)(act)
    actor.send(1)
    run_until_empty(stock, "lab")

    assert ran == [1, 2, 3]
