"""leeward.toml and the environment: defaults, profiles, what goes before what, and everything that is wrong told at once."""

from datetime import timedelta
from pathlib import Path
from typing import Any, get_args

import pytest

from broker.guards.actor_config import ACTOR_NAMES, ActorGuards
from workers.composition.extensions import load
from workers.settings.guards.defaults import DEFAULTS, PROFILES
from workers.settings.guards.environment import GUARD_VARIABLES, given_numbers, variables_of
from workers.settings.guards.settings import FleetGuards
from workers.settings.guards.values import parse_text, parse_value
from workers.settings.problem import InvalidSettings
from workers.settings.settings import Settings


def guards_of(folder: Path, text: str = "", **variables: str) -> FleetGuards:
    """Loaded as every process does it."""
    file = folder / "leeward.toml"
    file.write_text(text)
    environment = {f"LEEWARD_{name}": value for name, value in variables.items()}
    return Settings.load({"LEEWARD_CONFIG": str(file)} | environment).guards


def problems_of(folder: Path, text: str = "", **variables: str) -> list[str]:
    with pytest.raises(InvalidSettings) as raised:
        guards_of(folder, text, **variables)
    return [str(problem) for problem in raised.value.problems]


def test_without_a_file_every_provider_has_its_defaults() -> None:
    assert Settings.load({}).guards == FleetGuards(DEFAULTS, {}) == Settings().guards


def test_the_file_changes_what_it_names(tmp_path: Path) -> None:
    guards = guards_of(tmp_path, '[providers.jellyfin]\nlimit = 8\nrate = 5\nopen_for = "45s"\nkey_kept = "2h"\n')

    expected = DEFAULTS["jellyfin"].changed(
        limit=8, rate=5, open_for=timedelta(seconds=45), key_kept=timedelta(hours=2)
    )
    assert guards.providers == {**DEFAULTS, "jellyfin": expected}


@pytest.mark.parametrize("profile", PROFILES)
def test_a_profile_changes_all_and_the_file_goes_first(tmp_path: Path, profile: str) -> None:
    guards = guards_of(tmp_path, f'profile = "{profile}"\n[providers.smtp]\nramp = "7s"\n').providers

    assert guards["jellyfin"] == DEFAULTS["jellyfin"].changed(**PROFILES[profile])
    assert guards["smtp"] == DEFAULTS["smtp"].changed(**{**PROFILES[profile], "ramp": timedelta(seconds=7)})


def test_the_environment_goes_before_the_file(tmp_path: Path) -> None:
    text = 'profile = "development"\n[providers.jellyfin]\nlimit = 3\nrate = 2\n[actors."sync.user"]\nlimit = 1\nburst = 2\n'
    guards = guards_of(
        tmp_path,
        text,
        PROFILE="Testing",
        GUARD_JELLYFIN_LIMIT="8",
        GUARD_JELLYFIN_OPEN_FOR="2s",
        GUARD_JELLYFIN_HOLD="false",
        GUARD_SYNC_USER_LIMIT="4",
        GUARD_SYNC_USER_SLOW="1m",
    )

    expected = {**PROFILES["testing"], "limit": 8, "rate": 2, "open_for": timedelta(seconds=2), "hold": False}
    assert guards.providers["jellyfin"] == DEFAULTS["jellyfin"].changed(**expected)
    assert guards.actors["sync.jellyfin"] == ActorGuards(limit=4, burst=2, slow=timedelta(minutes=1))


def test_the_profile_of_the_environment_needs_no_file() -> None:
    assert Settings.load({"LEEWARD_PROFILE": "testing"}).guards.providers["smtp"].ramp == timedelta(seconds=1)
    (field,) = (
        annotation for annotation in get_args(Settings.model_fields["profile"].annotation) if get_args(annotation)
    )
    assert "'production', 'development', 'testing'" in str(field)
    assert list(PROFILES) == ["production", "development", "testing"]


def test_an_actor_has_its_numbers_wherever_its_jobs_wait(tmp_path: Path) -> None:
    guards = guards_of(tmp_path, '[actors."sync.user"]\nlimit = 3\nslow = "20s"\nobserve = true\n')

    own = ActorGuards(limit=3, slow=timedelta(seconds=20), observe=True)
    assert guards.actors["sync.jellyfin"] == guards.actors["sync.smtp"] == own
    assert guards.providers == DEFAULTS


def test_a_periodic_actor_with_numbers_is_held_by_nothing_else(tmp_path: Path) -> None:
    guards = guards_of(tmp_path, '[actors."expire.accounts"]\nlimit = 1\n')

    assert guards.actors == {"expiry": ActorGuards(limit=1)}
    assert (guards.providers["expiry"].limit, guards.providers["expiry"].observe) == (0, True)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("profile = [1]", "profile is [1]; write one of"),
        ("providers = 3", "providers must be a table of tables"),
        ("actors = 3", "actors must be a table of tables"),
        ("[providers]\njellyfin = 3", "providers.jellyfin must be a table of settings"),
        ("what is this", "is no TOML"),
        ('[providers.jellyfin]\nopen_for = "20m"', "open_at_most must not be shorter than open_for"),
    ],
)
def test_a_file_of_the_wrong_shape_is_a_problem_and_no_crash(tmp_path: Path, text: str, told: str) -> None:
    assert any(told in problem for problem in problems_of(tmp_path, text))


def test_a_file_that_is_not_there_is_a_problem(tmp_path: Path) -> None:
    with pytest.raises(InvalidSettings, match="cannot be read"):
        Settings.load({"LEEWARD_CONFIG": str(tmp_path / "none.toml")})


def test_no_two_numbers_have_the_same_variable() -> None:
    assert all(len(targets) == 1 for targets in GUARD_VARIABLES.values())


def test_a_variable_that_could_mean_two_numbers_is_refused_with_both() -> None:
    known = variables_of(["sync_user", "jellyfin"], ["sync.user"])

    found, problems = given_numbers({"GUARD_SYNC_USER_LIMIT": "3", "GUARD_JELLYFIN_LIMIT": "8"}, known)

    assert [str(target) for target in found] == ['providers."jellyfin".limit']
    (problem,) = problems
    assert str(problem).startswith(
        'LEEWARD_GUARD_SYNC_USER_LIMIT could mean providers."sync_user".limit or actors."sync.user".limit; write'
    )
    assert len(known["GUARD_SYNC_USER_OPEN_FOR"]) == 1
    assert all(len(known[f"GUARD_SYNC_USER_{name.upper()}"]) == 2 for name in ACTOR_NAMES)


@pytest.mark.parametrize(
    ("text", "seconds"), [("500ms", 0.5), ("30s", 30), ("2m", 120), ("1h", 3600), ("1.5s", 1.5), ("0s", 0)]
)
def test_durations_have_units(text: str, seconds: float) -> None:
    assert parse_value("ramp", text) == parse_text("ramp", text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("value", [30, "30", "s", "-1s", "1 s", "1y", "1_0s", "", None, True])
def test_a_duration_without_a_unit_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match="is not a valid duration; use for example 30d"):
        parse_value("ramp", value)


@pytest.mark.parametrize(
    ("name", "value"), [("limit", 1.5), ("limit", True), ("limit", "3"), ("hold", 1), ("rate", True)]
)
def test_a_value_of_another_type_is_refused(name: str, value: Any) -> None:
    with pytest.raises(ValueError, match=f"{name} is .*; write"):
        parse_value(name, value)


def test_guards_are_there_for_the_providers_that_a_fleet_can_serve_and_for_no_others() -> None:
    assert load().types().keys() == DEFAULTS.keys()
