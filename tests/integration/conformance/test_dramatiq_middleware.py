"""Middleware hooks: which, when, in what order, and what their exceptions mean."""

from typing import Any

import dramatiq
import pytest
import redis
from dramatiq.middleware import Middleware, MiddlewareError, SkipMessage

from broker.broker import LeewardBroker
from tests.support.fleets.workers_under_test import AT_ONCE, dead_letters, final_state, run_until_empty, working

SIGNALS = [
    f"{when}_{what}"
    for what in ("enqueue", "process_message", "ack", "nack", "declare_actor", "declare_queue", "worker_boot")
    for when in ("before", "after")
] + ["after_skip_message", "before_worker_shutdown", "after_worker_shutdown", "after_process_boot"]
SIGNALS += ["after_consumer_thread_boot", "before_consumer_thread_shutdown"]
SIGNALS += ["after_worker_thread_boot", "before_worker_thread_shutdown"]


def recorder(name: str, record: list[str], signals: list[str]) -> Middleware:
    """A middleware that writes down each signal as `<name>.<signal>`."""

    def hook(signal: str) -> object:
        return lambda self, *_args, **_kwargs: record.append(f"{name}.{signal}")

    kind: type[Middleware] = type(f"Recorder{name}", (Middleware,), {signal: hook(signal) for signal in signals})
    return kind()


def test_before_hooks_run_in_order_and_after_hooks_reversed(broker: LeewardBroker) -> None:
    record: list[str] = []
    signals = ["before_process_message", "after_process_message", "before_ack", "after_ack"]
    for name in "ab":
        broker.add_middleware(recorder(name, record, signals))

    @dramatiq.actor
    def act() -> None:
        record.append("act")

    act.send()
    run_until_empty(broker, "default")

    assert record == [
        *("a.before_process_message", "b.before_process_message", "act"),
        *("b.after_process_message", "a.after_process_message"),
        *("a.before_ack", "b.before_ack", "b.after_ack", "a.after_ack"),
    ]


def test_every_hook_of_a_workers_life_is_called(broker: LeewardBroker) -> None:
    record: list[str] = []
    broker.add_middleware(recorder("x", record, SIGNALS))

    @dramatiq.actor(queue_name="lab")
    def act() -> None:
        record.append("act")

    with working(broker, threads=1):
        act.send()
        broker.join("lab", timeout=10_000)

    assert record.index("x.before_declare_queue") < record.index("x.after_declare_queue")
    expected = [
        *("x.before_declare_actor", "x.after_declare_actor", "x.before_worker_boot", "x.after_worker_boot"),
        *("x.before_enqueue", "act", "x.before_worker_shutdown"),
        *("x.before_worker_thread_shutdown", "x.before_consumer_thread_shutdown", "x.after_worker_shutdown"),
    ]
    assert [entry for entry in record if entry in expected] == expected


def test_enqueue_hooks_run_for_retries_too_with_their_delay(broker: LeewardBroker) -> None:
    delays: list[tuple[str, int | None]] = []

    class Sees(Middleware):
        def before_enqueue(self, broker: dramatiq.Broker, message: dramatiq.Message[Any], delay: int | None) -> None:
            delays.append(("before", delay))

        def after_enqueue(self, broker: dramatiq.Broker, message: dramatiq.Message[Any], delay: int | None) -> None:
            delays.append(("after", delay))

    broker.add_middleware(Sees())

    @dramatiq.actor(max_retries=1, min_backoff=2, max_backoff=2)
    def act() -> None:
        raise ValueError("once more")

    act.send()
    run_until_empty(broker, "default")

    assert delays[:2] == [("before", None), ("after", None)]
    assert [when for when, _ in delays[2:]] == ["before", "after"]
    assert all(isinstance(delay, int) for _, delay in delays[2:])


def test_what_an_enqueue_hook_writes_into_the_options_travels(broker: LeewardBroker) -> None:
    got: list[object] = []

    class Stamps(Middleware):
        def before_enqueue(self, broker: dramatiq.Broker, message: dramatiq.Message[Any], delay: int | None) -> None:
            message.options["stamps"] = [*message.options.get("stamps", []), "x"]

        def before_process_message(self, broker: dramatiq.Broker, message: dramatiq.MessageProxy) -> None:
            got.append(message.options["stamps"])

    broker.add_middleware(Stamps())

    @dramatiq.actor(max_retries=1, **AT_ONCE)
    def act() -> None:
        raise ValueError("once more")

    act.send()
    run_until_empty(broker, "default")

    assert got == [["x"], ["x", "x"]]


def test_skipping_a_message_acknowledges_it_without_running(broker: LeewardBroker, valkey: "redis.Redis") -> None:
    record: list[str] = []

    class Skips(Middleware):
        def before_process_message(self, broker: dramatiq.Broker, message: dramatiq.MessageProxy) -> None:
            raise SkipMessage("not today")

    broker.add_middleware(recorder("x", record, ["after_skip_message", "after_process_message", "after_ack"]))
    broker.add_middleware(Skips())

    @dramatiq.actor
    def act() -> None:
        record.append("act")

    sent = act.send()
    run_until_empty(broker, "default")

    assert record == ["x.after_skip_message", "x.after_ack"]
    assert final_state(valkey, "default", sent.message_id) == "done"


@pytest.mark.parametrize("skips", [False, True])
def test_a_message_that_a_middleware_fails_is_nacked_into_the_dead_letters(
    broker: LeewardBroker, valkey: "redis.Redis", skips: bool
) -> None:
    record: list[str] = []

    class Fails(Middleware):
        def before_process_message(self, broker: dramatiq.Broker, message: dramatiq.MessageProxy) -> None:
            message.fail()
            if skips:
                raise SkipMessage("never")

    broker.add_middleware(recorder("x", record, ["before_nack", "after_nack", "before_ack"]))
    broker.add_middleware(Fails())

    @dramatiq.actor
    def act() -> None:
        record.append("act")

    act.send()
    run_until_empty(broker, "default")

    assert record == ["x.before_nack", "x.after_nack"]
    assert len(dead_letters(valkey, "default")) == 1


def test_a_middleware_error_reaches_who_enqueues(broker: LeewardBroker) -> None:
    class Refuses(Middleware):
        def before_enqueue(self, broker: dramatiq.Broker, message: dramatiq.Message[Any], delay: int | None) -> None:
            raise MiddlewareError("refused")

    broker.add_middleware(Refuses())

    @dramatiq.actor
    def act() -> None:
        """Never run."""

    with pytest.raises(MiddlewareError):
        act.send()
    broker.join("default", timeout=200)


@pytest.mark.expects_critical_logs
def test_any_other_exception_of_a_middleware_is_logged_and_the_message_runs(broker: LeewardBroker) -> None:
    ran: list[int] = []

    class Stumbles(Middleware):
        def before_process_message(self, broker: dramatiq.Broker, message: dramatiq.MessageProxy) -> None:
            raise RuntimeError("before")

        def after_process_message(self, *_args: object, **_kwargs: object) -> None:
            raise RuntimeError("after")

        def before_ack(self, broker: dramatiq.Broker, message: dramatiq.MessageProxy) -> None:
            raise RuntimeError("ack")

    broker.add_middleware(Stumbles())

    @dramatiq.actor
    def act() -> None:
        ran.append(1)

    act.send()
    run_until_empty(broker, "default")

    assert ran == [1]


def test_a_middleware_can_be_placed_before_and_after_others(broker: LeewardBroker) -> None:
    first, second = recorder("first", [], []), recorder("second", [], [])

    broker.add_middleware(first, before=dramatiq.middleware.Retries)
    broker.add_middleware(second, after=type(first))

    kinds = [type(one) for one in broker.middleware]
    at = kinds.index(type(first))
    assert kinds[at : at + 3] == [type(first), type(second), dramatiq.middleware.Retries]
    with pytest.raises(ValueError, match="not found"):
        broker.add_middleware(recorder("x", [], []), before=dramatiq.middleware.AsyncIO)


def test_a_middleware_learns_of_what_was_declared_before_it_came(broker: LeewardBroker) -> None:
    record: list[str] = []

    @dramatiq.actor(queue_name="lab")
    def act() -> None:
        """Never run."""

    broker.add_middleware(recorder("x", record, ["after_declare_actor", "after_declare_queue"]))

    assert record == ["x.after_declare_actor", "x.after_declare_queue"]


def test_a_middlewares_actor_options_are_accepted_and_others_refused(broker: LeewardBroker) -> None:
    class Owns(Middleware):
        @property
        def actor_options(self) -> set[str]:
            return {"colour"}

    broker.add_middleware(Owns())

    assert dramatiq.actor(actor_name="a", colour="red")(lambda: None).options["colour"] == "red"
    with pytest.raises(ValueError, match="taste"):
        dramatiq.actor(actor_name="b", taste="sour")(lambda: None)
