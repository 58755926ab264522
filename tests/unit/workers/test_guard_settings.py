"""leeward.toml: defaults, profiles, and everything that is wrong told at once."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from broker.guards.config import GuardConfig
from workers.guard_defaults import DEFAULTS, PROFILES
from workers.guard_settings import load_guards, parse_value
from workers.settings_problem import InvalidSettings


def toml(folder: Path, text: str) -> Path:
    file = folder / "leeward.toml"
    file.write_text(text)
    return file


def problems_of(folder: Path, text: str) -> list[str]:
    with pytest.raises(InvalidSettings) as raised:
        load_guards(toml(folder, text), ["jellyfin"])
    return [str(problem) for problem in raised.value.problems]


def test_without_a_file_every_provider_has_its_defaults() -> None:
    assert load_guards(None, ["jellyfin", "smtp", "new"]) == {
        "jellyfin": DEFAULTS["jellyfin"],
        "smtp": DEFAULTS["smtp"],
        "new": GuardConfig(),
    }


def test_the_file_changes_what_it_names(tmp_path: Path) -> None:
    file = toml(tmp_path, '[providers.jellyfin]\nlimit = 8\nrate = 5\nopen_for = "45s"\nhold = false\n')

    guards = load_guards(file, ["jellyfin"])["jellyfin"]

    assert guards == DEFAULTS["jellyfin"].changed(limit=8, rate=5, open_for=timedelta(seconds=45), hold=False)


@pytest.mark.parametrize("profile", PROFILES)
def test_a_profile_changes_all_and_the_file_goes_first(tmp_path: Path, profile: str) -> None:
    file = toml(tmp_path, f'profile = "{profile}"\n[providers.smtp]\nramp = "7s"\n')

    guards = load_guards(file, ["smtp", "jellyfin"])

    assert guards["jellyfin"] == DEFAULTS["jellyfin"].changed(**PROFILES[profile])
    assert guards["smtp"] == DEFAULTS["smtp"].changed(**{**PROFILES[profile], "ramp": timedelta(seconds=7)})


def test_all_problems_are_told_at_once_with_the_nearest_name(tmp_path: Path) -> None:
    text = """
profil = "testing"
profile = "prodction"
[providers.jellyfin]
limt = 8
burs = 2
limit = -1
probes = 0
open_for = 30
rate = "fast"
[providers.smtp]
hold = "no"
"""
    told = "\n".join(problems_of(tmp_path, text))

    for part in (
        "profil is no setting; did you mean profile?",
        "profile is 'prodction'; write one of production, development, testing.",
        "providers.jellyfin.limt is no setting; did you mean limit?",
        "providers.jellyfin.burs is no setting; did you mean burst?",
        "limit must be at least 0",
        "probes must be at least 1",
        "open_for is 30; write a duration such as 30s, 500ms or 2m",
        "rate is 'fast'; write a number",
        "hold is 'no'; write true or false",
    ):
        assert part in told


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("profile = [1]", "profile is [1]; write one of"),
        ("providers = 3", "providers must be a table of tables"),
        ("[providers]\njellyfin = 3", "providers.jellyfin must be a table of settings"),
        ("what is this", "is no TOML"),
        ('[providers.jellyfin]\nopen_for = "20m"', "open_at_most must not be shorter than open_for"),
    ],
)
def test_a_file_of_the_wrong_shape_is_a_problem_and_no_crash(tmp_path: Path, text: str, told: str) -> None:
    assert any(told in problem for problem in problems_of(tmp_path, text))


def test_a_file_that_is_not_there_is_a_problem(tmp_path: Path) -> None:
    with pytest.raises(InvalidSettings, match="cannot be read"):
        load_guards(tmp_path / "none.toml", [])


@pytest.mark.parametrize(
    ("text", "seconds"), [("500ms", 0.5), ("30s", 30), ("2m", 120), ("1h", 3600), ("1.5s", 1.5), ("0s", 0)]
)
def test_durations_have_units(text: str, seconds: float) -> None:
    assert parse_value("ramp", text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("value", [30, "30", "s", "-1s", "1 s", "1d", "1_0s", "", None, True])
def test_a_duration_without_a_unit_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match="write a duration"):
        parse_value("ramp", value)


@pytest.mark.parametrize(
    ("name", "value"), [("limit", 1.5), ("limit", True), ("limit", "3"), ("hold", 1), ("rate", True)]
)
def test_a_value_of_another_type_is_refused(name: str, value: Any) -> None:
    with pytest.raises(ValueError, match=f"{name} is .*; write"):
        parse_value(name, value)
