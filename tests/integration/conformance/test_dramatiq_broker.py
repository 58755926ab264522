"""Messages, queues, delays, flush and join, unknown actors, encoders: Dramatiq's Broker interface."""

import json
from datetime import timedelta
from typing import Any

import dramatiq
import pytest
import redis
from dramatiq import Message
from dramatiq.errors import ActorNotFound, ConnectionClosed, QueueJoinTimeout, QueueNotFound
from dramatiq.middleware import default_middleware

from broker.broker import LeewardBroker
from broker.lifecycle import Lifecycle
from leeward.wire.keys import ProviderKeys
from tests.support.fleets.workers_under_test import AT_ONCE, dead_letters, run_until_empty, wait_for_letters, working
from tests.support.waiting import wait_until


def test_the_default_middleware_is_dramatiqs(broker: LeewardBroker) -> None:
    assert [type(one) for one in broker.middleware] == [Lifecycle, *default_middleware]


def test_arguments_and_keyword_arguments_survive(broker: LeewardBroker) -> None:
    got: list[object] = []

    @dramatiq.actor
    def act(*args: object, **kwargs: object) -> None:
        got.append((args, kwargs))

    act.send(1, "two", [3, None], {"four": 5.5}, key={"deep": [True]})
    run_until_empty(broker, "default")

    assert got == [((1, "two", [3, None], {"four": 5.5}), {"key": {"deep": [True]}})]


def test_options_and_timestamp_survive_delivery_and_retry(broker: LeewardBroker) -> None:
    seen: list[Message[Any]] = []

    class Sees(dramatiq.Middleware):
        def before_process_message(self, broker: dramatiq.Broker, message: dramatiq.MessageProxy) -> None:
            seen.append(Message(**json.loads(json.dumps(message.asdict()))))

    broker.add_middleware(Sees())

    @dramatiq.actor(max_retries=1, **AT_ONCE)
    def act() -> None:
        raise ValueError("once more")

    sent = act.send_with_options(tenant="north", list=[1, 2])
    run_until_empty(broker, "default")

    first, second = seen
    assert (first.message_id, first.message_timestamp) == (sent.message_id, sent.message_timestamp)
    assert (second.message_id, second.message_timestamp) == (sent.message_id, sent.message_timestamp)
    assert first.options == {"tenant": "north", "list": [1, 2]}
    assert second.options["tenant"] == "north"
    assert second.options["retries"] == 1
    assert "once more" in second.options["traceback"]


def test_sending_returns_the_message_that_was_enqueued(broker: LeewardBroker) -> None:
    @dramatiq.actor
    def act(n: int) -> None:
        """Never run."""

    sent = act.send(7)

    assert isinstance(sent, Message)
    assert (sent.actor_name, sent.args, sent.queue_name) == ("act", (7,), "default")


@pytest.mark.parametrize("delay", [60_000, timedelta(minutes=1)])
def test_a_delay_is_given_in_milliseconds_or_as_a_span(
    broker: LeewardBroker, valkey: "redis.Redis", delay: int | timedelta
) -> None:
    @dramatiq.actor
    def act() -> None:
        """Never run."""

    sent = act.send_with_options(delay=delay)

    seconds, _ = valkey.time()
    due = valkey.zscore(ProviderKeys("default").scheduled, sent.message_id)
    assert due is not None
    assert abs(due - seconds * 1_000 - 60_000) < 10_000


def test_a_delayed_message_runs_when_it_is_due(broker: LeewardBroker) -> None:
    order: list[str] = []

    @dramatiq.actor
    def act(name: str) -> None:
        order.append(name)

    act.send_with_options(args=("later",), delay=600)
    act.send_with_options(args=("soon",), delay=100)
    act.send("now")
    run_until_empty(broker, "default")

    assert order == ["now", "soon", "later"]


def test_queues_of_a_worker_can_be_restricted(broker: LeewardBroker) -> None:
    ran: list[str] = []

    @dramatiq.actor(queue_name="mine")
    def mine() -> None:
        ran.append("mine")

    @dramatiq.actor(queue_name="other")
    def other() -> None:
        ran.append("other")

    other.send()
    mine.send()
    worker = dramatiq.Worker(broker, queues={"mine"}, worker_timeout=100, worker_threads=1)
    worker.start()
    broker.join("mine", timeout=10_000)
    worker.stop()

    assert ran == ["mine"]


def test_an_actors_priority_orders_what_waits_for_a_thread(broker: LeewardBroker) -> None:
    order: list[str] = []

    @dramatiq.actor(priority=10)
    def low() -> None:
        order.append("low")

    @dramatiq.actor(priority=0)
    def high() -> None:
        order.append("high")

    worker = dramatiq.Worker(broker, worker_timeout=100, worker_threads=1)
    thread = dramatiq.worker._WorkerThread(
        broker=broker, consumers=worker.consumers, work_queue=worker.work_queue, worker_timeout=100
    )
    consumer = broker.consume("default")
    broker.session.held.threads = 8
    for actor in (low, low, high, low, high):
        actor.send()
    item = dramatiq.worker._WorkQueueItem
    for _ in range(5):
        message = wait_until(lambda: next(consumer), description="a message")
        worker.work_queue.put(item(broker.get_actor(message.actor_name).priority, message))
    while not worker.work_queue.empty():
        thread_message = worker.work_queue.get().message
        broker.get_actor(thread_message.actor_name)()
        consumer.ack(thread_message)
    consumer.close()
    del thread

    assert order == ["high", "high", "low", "low", "low"]


def test_declaring_a_queue_twice_is_declaring_it_once(broker: LeewardBroker) -> None:
    declared: list[str] = []

    class Counts(dramatiq.Middleware):
        def after_declare_queue(self, broker: dramatiq.Broker, queue_name: str) -> None:
            declared.append(queue_name)

    broker.add_middleware(Counts())
    broker.declare_queue("lab")
    broker.declare_queue("lab")

    assert declared == ["lab"]
    assert broker.get_declared_queues() == {"lab"}
    assert broker.get_declared_delay_queues() == set()


def test_a_declared_actor_is_found_and_an_undeclared_one_is_not(broker: LeewardBroker) -> None:
    @dramatiq.actor
    def act() -> None:
        """Never run."""

    assert broker.get_actor("act") is act
    assert broker.get_declared_actors() == {"act"}
    with pytest.raises(ActorNotFound):
        broker.get_actor("stranger")


def test_a_queue_that_was_never_declared_takes_and_gives_nothing(broker: LeewardBroker) -> None:
    message: Message[Any] = Message(queue_name="nowhere", actor_name="act", args=(), kwargs={}, options={})

    with pytest.raises(QueueNotFound):
        broker.enqueue(message)
    with pytest.raises(QueueNotFound):
        broker.consume("nowhere")


def test_enqueueing_without_a_server_is_a_closed_connection() -> None:
    broker = LeewardBroker("redis://127.0.0.1:1/0")
    broker.declare_queue("lab")

    with pytest.raises(ConnectionClosed):
        broker.enqueue(Message(queue_name="lab", actor_name="act", args=(), kwargs={}, options={}))
    with pytest.raises(ConnectionClosed):
        broker.consume("lab")


def test_flush_empties_one_queue_and_flush_all_every_one(broker: LeewardBroker) -> None:
    @dramatiq.actor(queue_name="first")
    def first() -> None:
        """Never run."""

    @dramatiq.actor(queue_name="second")
    def second() -> None:
        """Never run."""

    for actor in (first, second):
        actor.send()
        actor.send_with_options(delay=60_000)

    broker.flush("first")
    broker.join("first", timeout=100)
    with pytest.raises(QueueJoinTimeout):
        broker.join("second", timeout=100)
    broker.flush_all()
    broker.join("second", timeout=100)


def test_join_waits_for_what_runs(broker: LeewardBroker) -> None:
    import threading

    go, finished = threading.Event(), threading.Event()

    @dramatiq.actor
    def act() -> None:
        go.wait(10)
        finished.set()

    act.send()
    with working(broker):
        with pytest.raises(QueueJoinTimeout):
            broker.join("default", timeout=200)
        go.set()
        broker.join("default", timeout=10_000)

    assert finished.is_set()


def test_a_message_for_an_undeclared_actor_goes_to_the_dead_letters_when_it_is_consumed(
    broker: LeewardBroker, valkey: "redis.Redis"
) -> None:
    broker.declare_queue("default")
    broker.enqueue(Message(queue_name="default", actor_name="stranger", args=(1,), kwargs={}, options={}))

    run_until_empty(broker, "default")

    (letter,) = dead_letters(valkey, "default")
    assert letter["reason"] == "unknown_actor"
    assert json.loads(letter["message"])["args"] == [1]


@pytest.mark.expects_critical_logs  # Dramatiq's own Retries cannot look the actor up either
def test_an_actor_that_disappears_before_its_message_runs_leaves_a_dead_letter(
    broker: LeewardBroker, valkey: "redis.Redis"
) -> None:
    class Forgets(dramatiq.Middleware):
        def before_process_message(self, broker: dramatiq.Broker, message: dramatiq.MessageProxy) -> None:
            broker.actors.pop("act", None)

    @dramatiq.actor
    def act() -> None:
        raise AssertionError("it is not declared any more")

    broker.add_middleware(Forgets())
    act.send()
    run_until_empty(broker, "default")

    (letter,) = dead_letters(valkey, "default")
    assert letter["reason"] == "unknown_actor"


@pytest.mark.expects_critical_logs  # as above
def test_an_actor_that_disappears_while_it_fails_does_not_take_its_message_with_it(
    broker: LeewardBroker, valkey: "redis.Redis"
) -> None:
    @dramatiq.actor
    def act() -> None:
        broker.actors.pop("act", None)
        broker.get_actor("act")

    act.send()
    with working(broker):
        (letter,) = wait_for_letters(valkey, "default")

    assert letter["reason"] == "unknown_actor"
