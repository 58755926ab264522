"""What lets a replay go on, and what stops it."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.replays.rules import Canary, ImpossibleRules, Rules, Trial, canary, canary_room, is_failing


@st.composite
def trials(draw: st.DrawFn) -> tuple[Rules, Trial]:
    size = draw(st.integers(1, 20))
    rules = Rules(canary=size, canary_failures=draw(st.integers(0, size)))
    enqueued = draw(st.integers(0, size))
    done = draw(st.integers(0, enqueued))
    return rules, Trial(enqueued, done, draw(st.integers(0, enqueued - done)))


@given(trials())
def test_a_canary_passes_only_when_all_of_it_has_ended_and_no_more_died_than_may(case: tuple[Rules, Trial]) -> None:
    rules, trial = case

    verdict = canary(rules, trial)

    ended = trial.done + trial.dead_again
    assert (verdict is Canary.FAILED) == (trial.dead_again > rules.canary_failures)
    assert (verdict is Canary.PASSED) == (ended == rules.canary and trial.dead_again <= rules.canary_failures)


@given(trials())
def test_never_more_than_the_canary_is_enqueued_before_it_has_passed(case: tuple[Rules, Trial]) -> None:
    rules, trial = case

    assert trial.enqueued + canary_room(rules, trial) == rules.canary


def test_without_a_canary_nothing_waits_for_one() -> None:
    assert canary(Rules(), Trial(0, 0, 0)) is Canary.PASSED
    assert canary(Rules(), Trial(9, 0, 9)) is Canary.PASSED


def test_too_many_deaths_among_the_latest_ends_stop_it() -> None:
    rules = Rules(stop_ratio=0.5, stop_window=10, stop_minimum=4)

    assert not is_failing(rules, [True] * 3)
    assert is_failing(rules, [True] * 4)
    assert not is_failing(rules, [True, False] * 5)
    assert is_failing(rules, [True] * 6 + [False] * 4)


@given(st.lists(st.booleans(), max_size=50), st.lists(st.booleans(), max_size=50))
def test_only_the_latest_ends_are_looked_at(latest: list[bool], older: list[bool]) -> None:
    rules = Rules(stop_window=30, stop_minimum=10)
    filled = (latest + [False] * 30)[:30]

    assert is_failing(rules, filled + older) == is_failing(rules, filled)


@given(st.lists(st.booleans(), max_size=200))
def test_a_ratio_of_one_never_stops(died: list[bool]) -> None:
    assert not is_failing(Rules(stop_ratio=1), died)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"per_second": 0.0}, "a number above 0"),
        ({"per_second_each": float("nan")}, "the rate per provider"),
        ({"per_second": float("inf")}, "a number above 0"),
        ({"stop_ratio": 0.0}, "above 0 and at most 1"),
        ({"canary": 3, "canary_failures": 4}, "write 0 to 3"),
        ({"stop_minimum": 0}, "write 1 to 100"),
        ({"unsafe_ok": " "}, "write the reason"),
    ],
)
def test_rules_that_cannot_be_say_what_to_write(values: dict[str, Any], said: str) -> None:
    with pytest.raises(ImpossibleRules, match=said):
        Rules(**values)


def test_rules_are_read_back_as_they_were_written() -> None:
    rules = Rules(
        canary=5, per_second=2.5, unsafe_ok="nothing was sent", counted_since=datetime(2026, 11, 26, tzinfo=UTC)
    )

    assert Rules.from_document(rules.document() | {"of_a_newer_release": 1}) == rules
