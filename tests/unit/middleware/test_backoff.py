"""When to try again."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leeward.extension.patience import Patience
from middleware.retries.backoff import SPREAD, patient_pause, pause
from middleware.retries.middleware import preset_of
from middleware.retries.presets import PRESETS, ActorPresets, Preset

presets = st.sampled_from(list(PRESETS.values()))


@given(presets, st.integers(0, 1_000), st.floats(0, 1))
def test_a_pause_is_between_the_shortest_and_the_longest(preset: Preset, failures: int, chance: float) -> None:
    waited = pause(preset, failures, lambda low, high: low + (high - low) * chance)

    assert preset.shortest <= waited <= preset.longest


@given(presets, st.integers(0, 20))
def test_the_most_a_pause_can_be_never_shrinks(preset: Preset, failures: int) -> None:
    def most(n: int) -> timedelta:
        return pause(preset, n, lambda _, high: high)

    assert most(failures) <= most(failures + 1)


def test_the_pauses_double_until_the_longest() -> None:
    preset = Preset(9, timedelta(seconds=1), timedelta(seconds=10))

    assert [pause(preset, n, lambda _, high: high).total_seconds() for n in range(5)] == [2, 4, 8, 10, 10]


def test_the_jitter_is_full() -> None:
    preset = Preset(9, timedelta(seconds=1), timedelta(seconds=10))
    asked: list[tuple[float, float]] = []

    def least(low: float, high: float) -> float:
        asked.append((low, high))
        return low

    pause(preset, 2, least)

    assert asked == [(1.0, 8.0)]


def test_the_presets_are_the_published_ones() -> None:
    seconds = {
        name: (one.attempts, one.shortest.total_seconds(), one.longest.total_seconds()) for name, one in PRESETS.items()
    }

    assert seconds == {
        "quick": (3, 0.5, 5),
        "standard": (5, 1, 30),
        "aggressive": (10, 2, 60),
        "gentle": (4, 2, 30),
        "rate_limited": (5, 5, 120),
    }


@pytest.mark.parametrize(("attempts", "shortest", "longest"), [(0, 1, 2), (-1, 1, 2), (1, 3, 2), (1, -1, 2)])
def test_numbers_that_make_no_schedule_are_refused(attempts: int, shortest: int, longest: int) -> None:
    with pytest.raises(ValueError, match="no schedule"):
        Preset(attempts, timedelta(seconds=shortest), timedelta(seconds=longest))


def test_dramatiqs_own_options_go_on_top_of_the_preset() -> None:
    preset = preset_of({"retry_preset": "quick", "max_retries": 7, "min_backoff": 100, "max_backoff": 900}, "lab")

    assert preset == Preset(8, timedelta(milliseconds=100), timedelta(milliseconds=900))


def test_a_shortest_pause_beyond_the_presets_longest_stretches_it() -> None:
    assert preset_of({"retry_preset": "quick", "min_backoff": 60_000}, "lab").longest == timedelta(minutes=1)


def test_without_a_choice_the_standard_holds() -> None:
    assert preset_of({}, "lab") == PRESETS["standard"]


def test_an_unknown_preset_is_refused_with_the_choice() -> None:
    with pytest.raises(ValueError, match="quick, standard, aggressive, gentle, rate_limited"):
        preset_of({"retry_preset": "often"}, "lab")


def test_an_actor_may_have_another_preset_at_some_providers() -> None:
    patient = Preset(20, timedelta(seconds=10), timedelta(minutes=10))
    options = {"retry_preset": ActorPresets(PRESETS["quick"], {"acme-eu": patient}), "max_retries": None}

    assert preset_of(options, "acme-eu") == patient
    assert preset_of(options, "acme") == PRESETS["quick"]
    assert preset_of({"retry_preset": patient}, "acme") == patient


MINUTES = st.integers(1, 600).map(lambda n: timedelta(minutes=n))
patiences = st.builds(lambda first, more: Patience(first, first + more), MINUTES, MINUTES)


@given(patiences, st.integers(0, 1_000), st.floats(0, 1))
def test_a_patient_pause_is_about_the_first_one_doubled(patience: Patience, refusals: int, chance: float) -> None:
    pause = patient_pause(patience, refusals, None, lambda low, high: low + (high - low) * chance)

    base = min(patience.longest, patience.first * 2 ** min(refusals, 16))
    assert base * (1 - SPREAD) * 0.999 <= pause <= base * (1 + SPREAD) * 1.001


@given(patiences, st.integers(1, 10_000), st.floats(0, 1))
def test_patience_ends_with_the_deadline_and_uses_all_of_it(patience: Patience, minutes: int, chance: float) -> None:
    left, refusals = timedelta(minutes=minutes), 0
    while (pause := patient_pause(patience, refusals, left, lambda low, high: low + (high - low) * chance)) <= left:
        left, refusals = left - pause, refusals + 1

    assert left < 2 * patience.first, "a last attempt is made shortly before the deadline"
    assert refusals <= 10_000 / 0.9


@pytest.mark.parametrize(("first", "longest"), [(0, 1), (-1, 1), (2, 1)])
def test_patience_that_makes_no_schedule_is_refused(first: int, longest: int) -> None:
    with pytest.raises(ValueError, match="is no schedule"):
        Patience(timedelta(seconds=first), timedelta(seconds=longest))
