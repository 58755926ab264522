"""circuit_rule.lua: the guards' arithmetic, run by itself. No server, no clock."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lupa import lua51

from leeward.wire.script_source import whole

CONFIG = {
    "min_calls": 10,
    "failure_rate": 0.5,
    "slow_rate": 0.8,
    "streak": 5,
    "open_ms": 30_000,
    "open_max_ms": 600_000,
    "ramp_ms": 30_000,
    "probes": 2,
    "rate": 5,
    "burst": 3,
}
_lua = lua51.LuaRuntime(unpack_returned_tuples=True)
_rule = _lua.execute(
    whole("broker.guards.circuit", "circuit_rule.lua")
    + "\nreturn { verdict = verdict, open_ms = open_ms, ramp_limit = ramp_limit, refilled = refilled }"
)


def config(**changes: float) -> Any:
    return _lua.table_from(CONFIG | changes)


def verdict(
    groups: dict[str, tuple[int, int]],
    *,
    slow: int = 0,
    streak: tuple[int, set[str]] = (0, set()),
    jobs: int = 2,
    live: set[str] | None = None,
    sick: set[str] = frozenset(),  # type: ignore[assignment]
) -> Any:
    """`groups`: calls and failures by group."""
    by_group = {name: {"calls": calls, "failures": failures} for name, (calls, failures) in groups.items()}
    window = {
        "calls": sum(calls for calls, _ in groups.values()),
        "failures": sum(failures for _, failures in groups.values()),
        "slow": slow,
        "by_group": by_group,
        "jobs": jobs,
    }
    in_a_row = {"failures": streak[0], "groups": dict.fromkeys(streak[1], True), "jobs": jobs}
    here = dict.fromkeys(set(groups) if live is None else live, True)
    return _rule.verdict(
        _lua.table_from(window, recursive=True),
        _lua.table_from(in_a_row, recursive=True),
        _lua.table_from(here),
        _lua.table_from(dict.fromkeys(sick, True)),
        config(),
    )


def test_too_few_calls_say_nothing() -> None:
    assert verdict({"a": (5, 5), "b": (4, 4)}) is None


def test_half_of_the_calls_failing_opens() -> None:
    assert verdict({"a": (6, 3), "b": (4, 2)}) == ("open", "5 of 10 calls failed")
    assert verdict({"a": (6, 2), "b": (4, 2)}) is None


def test_no_calls_and_no_failures_are_no_reason() -> None:
    assert verdict({}) is None
    assert verdict({"a": (1_000, 0)}) is None


def test_one_group_that_fails_beside_one_that_does_not_is_sick() -> None:
    assert verdict({"a": (20, 20), "b": (10, 0)}) == ("sick", "20 of 30 calls failed", "a")


def test_one_group_that_fails_beside_one_that_has_nothing_to_do_is_sick() -> None:
    assert verdict({"a": (10, 10)}, live={"a", "b"}) == ("sick", "10 of 10 calls failed", "a")


def test_a_few_failures_do_not_make_a_group_a_witness() -> None:
    assert verdict({"a": (20, 20), "b": (10, 1)})[0] == "sick"
    assert verdict({"a": (20, 20), "b": (10, 5)}) == ("open", "25 of 30 calls failed")


def test_the_only_group_there_is_needs_no_witness() -> None:
    assert verdict({"a": (10, 10)}) == ("open", "10 of 10 calls failed")


def test_a_group_that_is_held_back_is_no_witness_that_all_is_well() -> None:
    assert verdict({"b": (10, 10)}, live={"a", "b"}, sick={"a"}) == ("open", "10 of 10 calls failed")


def test_failures_in_a_row_open_without_a_window() -> None:
    assert verdict({}, streak=(5, {"a", "b"}), live={"a", "b"}) == ("open", "5 calls in a row failed")
    assert verdict({}, streak=(4, {"a", "b"}), live={"a", "b"}) is None
    assert verdict({}, streak=(5, {"a"}), live={"a", "b"}) == ("sick", "5 calls in a row failed", "a")


def test_slow_calls_open() -> None:
    assert verdict({"a": (10, 0)}, slow=8) == ("open", "8 of 10 calls were slow")
    assert verdict({"a": (10, 0)}, slow=7) is None


@given(st.integers(1, 10_000), st.floats(0, 1, exclude_max=True))
def test_open_time_grows_to_its_cap_and_is_spread_by_a_tenth(n: int, chance: float) -> None:
    base = min(600_000, 30_000 * 2 ** min(n - 1, 30))

    assert 0.9 * base - 1 <= _rule.open_ms(n, chance, config()) <= 1.1 * base


def test_open_time_doubles() -> None:
    assert [_rule.open_ms(n, 0.5, config()) for n in range(1, 7)] == [
        30_000,
        60_000,
        120_000,
        240_000,
        480_000,
        600_000,
    ]


@given(st.integers(0, 60_000), st.integers(0, 60_000), st.integers(1, 1_000), st.integers(1, 50))
def test_the_ramp_only_grows_and_never_passes_the_limit(one: int, other: int, full: int, probes: int) -> None:
    earlier, later = sorted((one, other))
    limits = [_rule.ramp_limit(elapsed, full, config(probes=probes)) for elapsed in (earlier, later)]

    assert 1 <= limits[0] <= limits[1] <= full


def test_the_ramp_is_over_at_its_end_and_absent_when_it_takes_no_time() -> None:
    assert _rule.ramp_limit(30_000, 20, config()) == 20
    assert _rule.ramp_limit(0, 20, config(ramp_ms=0)) == 20


@given(st.floats(0, 3), st.integers(0, 10**13), st.integers(-(10**6), 10**9), st.floats(0.001, 10_000))
def test_a_bucket_never_loses_by_waiting_and_never_holds_more_than_the_burst(
    tokens: float, since: int, passed: int, rate: float
) -> None:
    held = _rule.refilled(tokens, since, since + passed, config(rate=rate))

    assert tokens <= held <= 3


@pytest.mark.parametrize(("passed", "held"), [(0, 0.5), (100, 1.0), (300, 2.0), (10_000, 3)])
def test_a_bucket_fills_at_its_rate(passed: int, held: float) -> None:
    assert _rule.refilled(0.5, 1_000, 1_000 + passed, config()) == pytest.approx(held)
