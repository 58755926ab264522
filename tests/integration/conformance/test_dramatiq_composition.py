"""Results, pipelines, groups and rate limits: what Dramatiq builds on a broker, with its own Redis backends."""

import dramatiq
import pytest
from dramatiq import group, pipeline
from dramatiq.middleware import GroupCallbacks
from dramatiq.rate_limits import ConcurrentRateLimiter
from dramatiq.rate_limits.backends import RedisBackend as LimiterBackend
from dramatiq.results import ResultFailure, ResultMissing, Results
from dramatiq.results.backends import RedisBackend as ResultBackend

from broker.broker import LeewardBroker
from leeward.wire.valkey.connection import connect
from tests.support.fleets.workers_under_test import AT_ONCE, run_until_empty, working


@pytest.fixture
def results(broker: LeewardBroker, valkey_url: str) -> ResultBackend:
    backend = ResultBackend(client=connect(valkey_url))
    broker.add_middleware(Results(backend=backend))
    yield backend
    backend.client.close()


@pytest.fixture
def limiter(broker: LeewardBroker, valkey_url: str) -> LimiterBackend:
    backend = LimiterBackend(client=connect(valkey_url))
    broker.add_middleware(GroupCallbacks(backend))
    yield backend
    backend.client.close()


def test_a_result_can_be_had_from_the_message(broker: LeewardBroker, results: ResultBackend) -> None:
    @dramatiq.actor(store_results=True)
    def add(a: int, b: int) -> int:
        return a + b

    message = add.send(2, 3)
    with pytest.raises(ResultMissing):
        message.get_result()

    with working(broker):
        assert message.get_result(block=True) == 5


def test_a_failure_can_be_had_from_the_message(broker: LeewardBroker, results: ResultBackend) -> None:
    @dramatiq.actor(store_results=True, max_retries=0)
    def fails() -> None:
        raise ValueError("no such thing")

    message = fails.send()

    with working(broker), pytest.raises(ResultFailure, match="no such thing"):
        message.get_result(block=True)


def test_a_result_survives_retries(broker: LeewardBroker, results: ResultBackend) -> None:
    runs: list[int] = []

    @dramatiq.actor(store_results=True, **AT_ONCE)
    def act() -> int:
        runs.append(1)
        if len(runs) < 3:
            raise ValueError("not yet")
        return len(runs)

    message = act.send()

    run_until_empty(broker, "default")

    assert message.get_result() == 3


def test_a_pipeline_feeds_each_result_into_the_next(broker: LeewardBroker, results: ResultBackend) -> None:
    @dramatiq.actor(store_results=True)
    def add(a: int, b: int) -> int:
        return a + b

    pipe = (add.message(1, 2) | add.message_with_options(args=(3,)) | add.message_with_options(args=(4,))).run()

    with working(broker):
        assert pipe.get_result(block=True) == 10
        assert list(pipe.get_results(block=True)) == [3, 6, 10]


def test_a_pipeline_may_ignore_results_and_cross_queues_and_delay(
    broker: LeewardBroker, results: ResultBackend
) -> None:
    @dramatiq.actor(store_results=True, queue_name="first")
    def first() -> int:
        return 1

    @dramatiq.actor(store_results=True, queue_name="second.other")
    def second() -> str:
        return "second"

    pipe = pipeline([first.message(), second.message_with_options(pipe_ignore=True, delay=50)]).run()

    with working(broker):
        assert pipe.get_result(block=True) == "second"


def test_a_pipeline_stops_at_a_failure(broker: LeewardBroker, results: ResultBackend) -> None:
    ran: list[int] = []

    @dramatiq.actor(max_retries=0)
    def fails() -> None:
        raise ValueError("no")

    @dramatiq.actor
    def after(_: object) -> None:
        ran.append(1)

    pipeline([fails.message(), after.message_with_options()]).run()
    run_until_empty(broker, "default")

    assert ran == []


def test_a_group_has_the_results_of_its_members(broker: LeewardBroker, results: ResultBackend) -> None:
    @dramatiq.actor(store_results=True)
    def square(n: int) -> int:
        return n * n

    together = group([square.message(n) for n in range(5)]).run()

    with working(broker):
        assert list(together.get_results(block=True)) == [0, 1, 4, 9, 16]
        assert together.completed


def test_a_groups_completion_callback_runs_once_after_all_members(
    broker: LeewardBroker, limiter: LimiterBackend
) -> None:
    record: list[str] = []

    @dramatiq.actor(priority=0, **AT_ONCE)
    def member(n: int) -> None:
        if n == 2 and record.count("stumbled") < 2:
            record.append("stumbled")
            raise ValueError("not yet")
        record.append("member")

    @dramatiq.actor
    def completed(word: str) -> None:
        record.append(word)

    together = group([member.message(n) for n in range(4)])
    together.add_completion_callback(completed.message("completed"))
    together.run()
    run_until_empty(broker, "default")

    assert record.count("member") == 4
    assert record[-1] == "completed"
    assert record.count("completed") == 1


def test_a_group_of_pipelines_completes(broker: LeewardBroker, results: ResultBackend) -> None:
    @dramatiq.actor(store_results=True)
    def add(a: int, b: int) -> int:
        return a + b

    together = group([add.message(n, 1) | add.message_with_options(args=(10,)) for n in range(3)]).run()

    with working(broker):
        assert list(together.get_results(block=True)) == [11, 12, 13]


def test_a_message_over_a_rate_limit_is_retried(broker: LeewardBroker, limiter: LimiterBackend) -> None:
    runs: list[int] = []
    mutex = ConcurrentRateLimiter(limiter, "mutex", limit=1)

    @dramatiq.actor(priority=0, **AT_ONCE)
    def act() -> None:
        with mutex.acquire():
            runs.append(1)

    with mutex.acquire():
        act.send_with_options(max_retries=1_000)
        with working(broker), pytest.raises(dramatiq.errors.QueueJoinTimeout):
            broker.join("default", timeout=200)
    assert runs == []
    run_until_empty(broker, "default")

    assert runs == [1]
