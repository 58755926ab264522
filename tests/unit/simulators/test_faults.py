"""The plan of misbehaviour, with a clock and a chance that the test holds."""

import threading
from collections.abc import Iterator

import pytest
from pydantic import ValidationError

from simulators.faults import Effect, Fault, FaultPlan, Rule, Stage

RESET = Rule(effect=Effect.RESET)


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def chances() -> Iterator[list[float]]:
    """What the next throws of the dice give."""
    throws: list[float] = []
    yield throws
    assert throws == []


@pytest.fixture
def plan(clock: Clock, chances: list[float]) -> FaultPlan:
    return FaultPlan(clock=clock, chance=lambda: chances.pop(0))


def test_without_rules_everything_goes_well(plan: FaultPlan) -> None:
    assert plan.next("GET /") == Fault()
    assert not plan.is_down()


def test_a_rule_strikes_only_operations_that_match(plan: FaultPlan) -> None:
    plan.set(Rule(operation="POST /Users/*", effect=Effect.RESET))

    assert plan.next("POST /Users/New").rule is not None
    assert plan.next("GET /Users/New").rule is None


def test_a_counted_rule_strikes_the_next_calls_only(plan: FaultPlan) -> None:
    plan.set(Rule(operation="GET *", effect=Effect.RESET, times=2))

    struck = [plan.next(operation).rule is not None for operation in ("GET /", "POST /", "GET /", "GET /")]

    assert struck == [True, False, True, False]


def test_a_rule_strikes_with_its_probability(plan: FaultPlan, chances: list[float]) -> None:
    plan.set(Rule(effect=Effect.RESET, probability=0.3))
    chances += [0.29, 0.3, 0.9]

    assert [plan.next("GET /").rule is not None for _ in range(3)] == [True, False, False]


def test_a_flapping_rule_holds_for_the_first_part_of_each_period(plan: FaultPlan, clock: Clock) -> None:
    plan.set(Rule(effect=Effect.DOWN, period_ms=1000, share=0.25))
    seen = []
    for _ in range(8):
        seen.append(plan.is_down())
        clock.now += 0.25

    assert seen == [True, False, False, False] * 2


def test_down_spares_nobody(plan: FaultPlan) -> None:
    plan.set(Rule(operation="GET *", effect=Effect.DOWN))

    assert plan.is_down()
    assert plan.next("POST /").rule is not None


def test_latencies_add_up_and_the_first_effect_decides(plan: FaultPlan) -> None:
    later = Rule(effect=Effect.HANG)
    plan.set(Rule(latency_ms=100), Rule(effect=Effect.RESET, latency_ms=50), later)

    fault = plan.next("GET /")

    assert fault.latency_seconds == pytest.approx(0.15)
    assert fault.rule is not None
    assert fault.rule.effect is Effect.RESET


def test_a_fault_strikes_at_its_stage_only(plan: FaultPlan) -> None:
    plan.set(Rule(effect=Effect.RESET, stage=Stage.AFTER))

    fault = plan.next("GET /")

    assert fault.at(Stage.BEFORE) is None
    assert fault.at(Stage.AFTER) is fault.rule


def test_an_added_rule_leaves_the_counts_of_the_others(plan: FaultPlan) -> None:
    plan.set(Rule(effect=Effect.RESET, times=2))
    plan.next("GET /")

    plan.add(Rule(latency_ms=5))

    assert [(entry["hits"], entry["left"]) for entry in plan.describe()] == [(1, 1), (0, None)]


def test_a_reset_makes_everything_well_again_and_ends_hangs(plan: FaultPlan) -> None:
    plan.set(RESET)
    hanging = threading.Thread(target=plan.hang)
    hanging.start()

    while hanging.is_alive():  # it may have begun to hang only after the first
        plan.reset()
        hanging.join(timeout=0.01)
    assert plan.next("GET /") == Fault()


def test_counts_hold_over_threads() -> None:
    plan = FaultPlan()
    plan.set(Rule(effect=Effect.RESET, times=100))
    struck: list[int] = []

    def call() -> None:
        struck.append(sum(plan.next("GET /").rule is not None for _ in range(50)))

    threads = [threading.Thread(target=call) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(struck) == 100


@pytest.mark.parametrize(
    "rule",
    [
        {"effect": "status"},
        {"effect": "reset", "status": 500},
        {"effect": "explode"},
        {"probability": 1.5},
        {"share": 0.0},
        {"times": 0},
        {"latency": 5},
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(rule: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Rule.model_validate(rule)
