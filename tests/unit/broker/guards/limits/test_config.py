"""A provider's numbers: what is possible, and that they come back as they were written."""

import re
from dataclasses import fields
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.guards.config import GuardConfig, ImpossibleGuard
from broker.session.settle_payload import SLOW_CANDIDATE_SECONDS
from leeward.wire.script_source import whole

PARTS = st.floats(0.01, 1)
SPANS = st.integers(1_000, 120_000).map(lambda ms: timedelta(milliseconds=ms))
CONFIGS = st.builds(
    GuardConfig,
    limit=st.integers(10, 10**6),
    adaptive=st.booleans(),
    floor=st.integers(1, 10),
    tolerance=st.floats(1.1, 100),
    rate=st.floats(0, 10**5),
    burst=st.integers(1, 10**5),
    share=PARTS,
    hold=st.booleans(),
    observe=st.booleans(),
    window=SPANS,
    min_calls=st.integers(1, 10**5),
    failure_rate=PARTS,
    slow_rate=PARTS,
    slow=SPANS,
    streak=st.integers(2, 1_000),
    probes=st.integers(1, 1_000),
    successes=st.integers(1, 1_000),
    open_for=SPANS,
    open_at_most=SPANS.map(lambda span: span + timedelta(minutes=2)),
    ramp=SPANS,
    key_kept=SPANS.map(lambda span: span + timedelta(minutes=1)),
)


@given(CONFIGS)
def test_what_is_written_for_the_scripts_reads_back_the_same(config: GuardConfig) -> None:
    stored = {name: str(value) for name, value in config.to_fields().items()}

    assert GuardConfig.from_fields(stored) == config


def test_what_nobody_wrote_has_its_default_and_what_nobody_knows_is_left_out() -> None:
    assert GuardConfig.from_fields({"limit": "7", "of_the_future": "1"}) == GuardConfig(limit=7)


def test_the_scripts_have_the_same_defaults() -> None:
    table = re.search(r"config = \{(.*?)\}", whole("broker.guards.limits", "config.lua"), re.DOTALL)
    assert table
    in_lua = {name: float(value) for name, value in re.findall(r"(\w+) = ([\d.]+)", table.group(1))}

    assert in_lua == {name: float(value) for name, value in GuardConfig().to_fields().items()}


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("limit", -1, "limit must be at least 0"),
        ("rate", -0.1, "rate must be at least 0"),
        ("burst", 0, "burst must be at least 1"),
        ("share", 0.0, "share must be above 0 and at most 1"),
        ("failure_rate", 1.1, "failure_rate must be above 0 and at most 1"),
        ("streak", 1, "streak must be at least 2"),
        ("probes", 0, "probes must be at least 1"),
        ("window", timedelta(minutes=3), "window must be two minutes at most"),
        ("open_at_most", timedelta(seconds=1), "open_at_most must not be shorter than open_for"),
        ("rate", float("nan"), "rate must be"),
        ("share", float("nan"), "share must be"),
        ("rate", float("inf"), "rate must be"),
        ("floor", 0, "floor must be at least 1"),
        ("tolerance", 1.0, "tolerance must be at least 1.1"),
        ("tolerance", float("inf"), "tolerance must be finite"),
    ],
)
def test_an_impossible_value_is_refused_with_what_is_possible(name: str, value: Any, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        GuardConfig(**{name: value})


def test_an_adaptive_limit_needs_a_ceiling_and_room_below_it() -> None:
    with pytest.raises(ImpossibleGuard, match="adaptive needs a limit as its ceiling: write the most"):
        GuardConfig(adaptive=True)
    with pytest.raises(ImpossibleGuard, match="floor must be at most limit, which is 5"):
        GuardConfig(limit=5, adaptive=True, floor=6)


def test_a_limit_that_leaves_an_adaptive_one_no_room_is_read_as_the_scripts_do() -> None:
    """Neither who declared the one nor who set the other was wrong."""
    assert GuardConfig.from_fields({"limit": "3", "adaptive": "1", "floor": "8"}).floor == 3
    assert not GuardConfig.from_fields({"limit": "0", "adaptive": "1"}).adaptive


def test_a_circuit_that_would_stay_open_for_longer_than_it_may_is_read_as_the_scripts_do() -> None:
    """An operator has set the one, and a worker has declared the other since."""
    read = GuardConfig.from_fields({"open_ms": "480000", "open_max_ms": "300000"})

    assert read.open_for == read.open_at_most == timedelta(minutes=5)


def test_a_slow_call_is_slower_than_what_is_told_without_its_duration() -> None:
    with pytest.raises(ValueError, match="slow must be at least"):
        GuardConfig(slow=timedelta(seconds=SLOW_CANDIDATE_SECONDS) / 2)


def test_all_impossible_values_are_told_at_once() -> None:
    with pytest.raises(ValueError, match=r"limit.*; .*probes.*; .*share"):
        GuardConfig(limit=-1, probes=0, share=2)


@pytest.mark.parametrize("name", [field.name for field in fields(GuardConfig)])
def test_a_name_with_a_typing_error_is_answered_with_the_nearest(name: str) -> None:
    with pytest.raises(ValueError, match=f"did you mean {name}"):
        GuardConfig().changed(**{name[:-1] + "q" + name[-1]: 1})


def test_a_name_like_no_other_is_answered_with_all() -> None:
    with pytest.raises(ValueError, match="there are limit, rate"):
        GuardConfig().changed(zzzzzzz=1)
