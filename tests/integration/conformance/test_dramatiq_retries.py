"""Dramatiq's own Retries, AgeLimit, TimeLimit and Callbacks on our broker."""

import threading

import dramatiq
import pytest
import redis
from dramatiq.middleware import TimeLimitExceeded

from broker.broker import LeewardBroker
from leeward.wire.keys import ProviderKeys
from tests.support.fleets.workers_under_test import (
    AT_ONCE,
    dead_letters,
    outcome,
    run_until_empty,
    wait_for_letters,
    working,
)
from tests.support.waiting import wait_until

DEFAULT = ProviderKeys("default")


@pytest.mark.parametrize("max_retries", [0, 1, 3])
def test_a_failing_message_is_retried_max_retries_times_and_then_dead(
    broker: LeewardBroker, valkey: "redis.Redis", max_retries: int
) -> None:
    runs: list[int] = []

    @dramatiq.actor(max_retries=max_retries, **AT_ONCE)
    def act() -> None:
        runs.append(1)
        raise ValueError("no")

    act.send()
    run_until_empty(broker, "default")

    (letter,) = dead_letters(valkey, "default")
    assert (letter["reason"], letter["error"]["type"]) == ("exhausted", "ValueError")
    assert len(runs) == max_retries + 1


def test_a_messages_own_options_go_before_the_actors(broker: LeewardBroker) -> None:
    runs: list[int] = []

    @dramatiq.actor(max_retries=9, **AT_ONCE)
    def act() -> None:
        runs.append(1)
        raise ValueError("no")

    act.send_with_options(max_retries=1)
    run_until_empty(broker, "default")

    assert len(runs) == 2


def test_a_retry_waits_on_the_server_for_its_backoff(broker: LeewardBroker, valkey: "redis.Redis") -> None:
    @dramatiq.actor(min_backoff=60_000, max_backoff=60_000)
    def act() -> None:
        raise ValueError("no")

    sent = act.send()
    with working(broker):
        due = wait_until(lambda: valkey.zscore(DEFAULT.scheduled, sent.message_id), description="the retry")

    seconds, _ = valkey.time()
    assert 25_000 < due - seconds * 1_000 < 65_000, "Dramatiq's jitter: half to all of it"


def test_a_retry_gives_up_the_lease_in_the_step_that_schedules_it(broker: LeewardBroker, valkey: "redis.Redis") -> None:
    """Seen from outside at any moment, the job is in exactly one place."""

    @dramatiq.actor(max_retries=30, **AT_ONCE)
    def act() -> None:
        raise ValueError("no")

    sent = act.send()
    seen: set[tuple[bool, ...]] = set()
    with working(broker):
        while outcome(valkey, "default", sent.message_id) is None:
            pipeline = valkey.pipeline(transaction=True)
            pipeline.zscore(DEFAULT.scheduled, sent.message_id)
            pipeline.zscore(DEFAULT.leases, sent.message_id)
            pipeline.lpos(DEFAULT.ready("default", "normal"), sent.message_id)
            pipeline.exists(DEFAULT.outcome(sent.message_id))
            *places, ended = pipeline.execute()
            seen.add((*(place is not None for place in places), bool(ended)))

    assert {sum(places) for places in seen} == {1}


def test_retry_when_decides(broker: LeewardBroker) -> None:
    asked: list[tuple[int, str]] = []

    def twice(retries: int, error: BaseException) -> bool:
        asked.append((retries, str(error)))
        return retries < 2

    @dramatiq.actor(retry_when=twice, **AT_ONCE)
    def act() -> None:
        raise ValueError("no")

    act.send()
    run_until_empty(broker, "default")

    assert asked == [(0, "no"), (1, "no"), (2, "no")]


def test_what_an_actor_throws_by_contract_is_not_retried(broker: LeewardBroker, valkey: "redis.Redis") -> None:
    runs: list[int] = []

    @dramatiq.actor(throws=(KeyError,), **AT_ONCE)
    def act() -> None:
        runs.append(1)
        raise KeyError("as announced")

    act.send()
    run_until_empty(broker, "default")

    assert len(runs) == 1
    assert len(dead_letters(valkey, "default")) == 1


def test_a_message_that_exhausts_its_retries_is_told_to_another_actor(broker: LeewardBroker) -> None:
    told: list[object] = []

    @dramatiq.actor
    def tell(message: dict[str, object], state: dict[str, object]) -> None:
        told.append((message["actor_name"], message["args"], state))

    @dramatiq.actor(max_retries=1, on_retry_exhausted="tell", **AT_ONCE)
    def act(n: int) -> None:
        raise ValueError("no")

    act.send(5)
    run_until_empty(broker, "default")

    assert told == [("act", [5], {"retries": 1, "max_retries": 1})]


def test_an_actor_may_ask_for_a_retry_with_a_delay_of_its_own(broker: LeewardBroker) -> None:
    runs: list[int] = []

    @dramatiq.actor(min_backoff=600_000)
    def act() -> None:
        runs.append(1)
        if len(runs) == 1:
            raise dramatiq.Retry("again", delay=1)

    act.send()
    run_until_empty(broker, "default")

    assert len(runs) == 2


def test_a_message_past_its_age_limit_is_dead(broker: LeewardBroker, valkey: "redis.Redis") -> None:
    runs: list[int] = []

    @dramatiq.actor(max_age=1)
    def act() -> None:
        runs.append(1)

    act.send_with_options(delay=50)
    run_until_empty(broker, "default")

    (letter,) = dead_letters(valkey, "default")
    assert (letter["reason"], runs) == ("expired", [])


def test_an_actor_over_its_time_limit_is_interrupted(broker: LeewardBroker, valkey: "redis.Redis") -> None:
    interrupted: list[str] = []
    never = threading.Event()

    @dramatiq.actor(time_limit=200, max_retries=0)
    def act() -> None:
        try:
            # Step by step: the exception that interrupts a thread waits for its next step.
            wait_until(never.is_set, description="what never comes", timeout=60)
        except TimeLimitExceeded:
            interrupted.append("interrupted")
            raise

    act.send()
    # The command line does this in each of its processes; TimeLimit's clock starts with it.
    broker.emit_after("process_boot")
    with working(broker):
        (letter,) = wait_for_letters(valkey, "default")

    assert interrupted == ["interrupted"]
    assert letter["error"]["type"] == "TimeLimitExceeded"


def test_callbacks_are_sent_on_success_and_on_failure(broker: LeewardBroker) -> None:
    told: list[object] = []

    @dramatiq.actor
    def succeeded(message: dict[str, object], result: object) -> None:
        told.append(("succeeded", message["actor_name"], result))

    @dramatiq.actor
    def failed(message: dict[str, object], error: dict[str, object]) -> None:
        told.append(("failed", message["actor_name"], error["type"]))

    @dramatiq.actor(on_success="succeeded", max_retries=0)
    def act(n: int) -> None:
        if n < 0:
            raise ValueError("negative")

    act.send(1)
    act.send_with_options(args=(-1,), on_failure=failed)
    run_until_empty(broker, "default")

    assert sorted(told, key=str) == [("failed", "act", "ValueError"), ("succeeded", "act", None)]
