"""An actor that hangs beyond its time limit is a call that its provider failed."""

import threading
from collections import Counter
from datetime import timedelta

import redis

from broker.guards.config import GuardConfig
from broker.guards.store import Guards
from leeward.wire.keys import ProviderKeys
from middleware.guard_declaration import GuardDeclaration
from middleware.order import rings
from tests.support.fleets.workers_under_test import actor_of, broker_at, dead_letters, working
from tests.support.waiting import wait_until

TIME_LIMIT_MS = 200
STREAK = 3


def test_hanging_actors_open_the_circuit_and_spend_no_attempt_while_it_is_not_closed(
    valkey_url: str, valkey: "redis.Redis"
) -> None:
    answers, calls = threading.Event(), Counter[int]()
    config = GuardConfig(streak=STREAK, probes=1, successes=1, open_for=timedelta(milliseconds=200), ramp=timedelta(0))
    guards, jobs = Guards(valkey, "lab"), ProviderKeys("lab").jobs
    with broker_at(valkey_url, middleware=[*rings(), GuardDeclaration({"lab": config})]) as broker:

        @actor_of(broker)(time_limit=TIME_LIMIT_MS, max_retries=10, min_backoff=1, max_backoff=1)
        def call(number: int) -> None:
            calls[number] += 1
            # Step by step: the exception that interrupts a thread waits for its next step.
            wait_until(answers.is_set, description="the provider to answer", timeout=60)

        broker.emit_after("process_boot")  # as every worker process does: Dramatiq's TimeLimit starts its clock at it
        for number in range(10):
            call.send(number)
        with working(broker, threads=1):
            wait_until(lambda: guards.counts().get("opened"), description="an open circuit", timeout=30)
            spent_when_it_opened = attempts_spent(valkey, jobs)
            wait_until(lambda: guards.counts().get("opened", 0) >= 3, description="two probes that hung", timeout=30)

            assert guards.counts()["failed_calls"] >= STREAK + 2
            assert spent_when_it_opened == STREAK - 1, "the failure that opens it is judged with the circuit open"
            assert attempts_spent(valkey, jobs) == spent_when_it_opened
            assert guards.counts()["attempts_saved"] >= 2
            answers.set()
            broker.join("lab", timeout=30_000)

        assert guards.state().state == "closed"
        assert dead_letters(valkey, "lab") == []
        assert set(calls) == set(range(10))


def attempts_spent(valkey: "redis.Redis", jobs: str) -> int:
    return sum(b'"retries":' in message for message in valkey.hvals(jobs))
