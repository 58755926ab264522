"""How many examples a property is tried with: chosen for a whole run by HYPOTHESIS_PROFILE."""

import os

import hypothesis

USUAL, QUICK, NIGHTLY = "usual", "quick", "nightly"
FACTORS = {QUICK: 0.15, USUAL: 1.0, NIGHTLY: 10.0}
"""`quick` is for `script/test --quick` and for interpreters after the first; `nightly` is for a machine that has the time."""
BY_DEFAULT = 100


def profile() -> str:
    """Raises KeyError for a name that is none."""
    chosen = os.environ.get("HYPOTHESIS_PROFILE", USUAL)
    FACTORS[chosen]
    return chosen


def examples(usual: int) -> int:
    """For `max_examples`: so many in a usual run, fewer or more by the profile."""
    return max(3, round(usual * FACTORS[profile()]))


def load() -> None:
    """Makes the profile the default of all properties that name no number. No deadline: no test asserts how long something takes."""
    hypothesis.settings.register_profile("leeward", deadline=None, max_examples=examples(BY_DEFAULT))
    hypothesis.settings.load_profile("leeward")
