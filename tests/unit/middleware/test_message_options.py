"""Which options of a message can be followed."""

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from middleware.message_options import problems

GOOD: dict[str, list[Any]] = {
    "deadline": [0, 1, 1_750_000_000_000, 2**53 - 1],
    "kind_version": [1, 2, 100],
    "priority": ["interactive", "normal", "bulk"],
    "partition": [None, "tenant", "ü" * 128],
    "idempotency_key": [None, "k", "x" * 255],
    "fingerprint": [None, "f"],
    "request_id": ["r"],
    "traceparent": [None, "00-0-0-01"],
    "replay_of": [None, "d"],
    "retries": [0, 7],
    "refusals": [0, 7],
    "errors": [[], [{"type": "A"}]],
    "unverified": [True, False],
    "effect_open": [True],
    "tick": ["2026-11-30T03:17"],
    "unknown_outcome": ["rerun", "verify", "park"],
    "max_retries": [None, 0, 5],
    "min_backoff": [None, 0, 0.5, 60_000],
    "max_backoff": [None, 0, 7 * 86_400_000],
    "max_age": [None, 0, 86_400_000],
    "time_limit": [None, 1, 600_000.5, math.inf],
    "notify_shutdown": [None, True],
    "pipe_ignore": [None, False],
    "pipe_target": [None, {"actor_name": "a"}],
    "on_success": [None, "actor"],
    "on_failure": [None, "actor"],
}
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=2), inner, max_size=2),
    max_leaves=4,
)
NEVER: dict[str, list[Any]] = {
    "numbers": [-1, -(10**30), -1e30, 10**30, True, "", "1", "abc", [], {}, math.nan],
    "texts": ["", 0, 1, True, [], {}, 1.5],
    "flags": [0, 1, "", "yes", [], {}],
}
KINDS = {
    "numbers": ["deadline", "kind_version", "retries", "refusals", "max_retries", "min_backoff", "max_backoff", "max_age", "time_limit"],
    "texts": ["partition", "idempotency_key", "fingerprint", "request_id", "traceparent", "replay_of", "tick", "on_success", "on_failure",
              "priority", "unknown_outcome"],
    "flags": ["unverified", "effect_open", "notify_shutdown", "pipe_ignore"],
}  # fmt: skip


@pytest.mark.parametrize("name", GOOD)
def test_values_that_can_be_followed_pass(name: str) -> None:
    assert [problems({name: value}) for value in GOOD[name]] == [[]] * len(GOOD[name])


@pytest.mark.parametrize("kind", KINDS)
def test_values_of_another_type_or_out_of_range_are_named(kind: str) -> None:
    for name in KINDS[kind]:
        for value in NEVER[kind]:
            (problem,) = problems({name: value})
            assert problem.startswith(f"the option `{name}` must be ")


@given(st.sampled_from(sorted(GOOD)), anything)
def test_no_value_makes_a_raw_error_and_none_is_shown(name: str, value: Any) -> None:
    found = problems({name: {"secret": value, "password": "hunter2"}, "other": value})

    assert len(found) == (0 if name == "pipe_target" else 1)
    assert "hunter2" not in json.dumps(found)
    assert len(problems({name: value})) <= 1


@given(st.dictionaries(st.text(), anything))
def test_options_that_nobody_here_knows_are_left_alone(options: dict[str, Any]) -> None:
    assert problems({f"x-{name}": value for name, value in options.items()}) == []


def test_every_problem_is_told() -> None:
    told = problems({"deadline": -1, "priority": "normal", "time_limit": "abc"})

    assert told == [
        "the option `deadline` must be milliseconds since 1970, a whole number; this one is another number",
        "the option `time_limit` must be milliseconds, a number from 1; this one is another text",
    ]
