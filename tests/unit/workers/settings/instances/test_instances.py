"""Instances of providers as tables of leeward.toml describe them: settings, guards, presets."""

from datetime import timedelta
from pathlib import Path

from broker.guards.config import GuardConfig
from middleware.retries.presets import PRESETS, Preset
from tests.unit.workers.settings.instances.acme import (
    SECRET,
    TWO,
    Basic,
    acme_settings,
    fleet_of,
)


def test_two_instances_of_a_type_have_their_own_settings_and_guards(tmp_path: Path) -> None:
    fleet = fleet_of(tmp_path, TWO)

    assert fleet.problems == ()
    first, second = fleet.instances["acme"], fleet.instances["acme-eu"]
    assert (first.type, first.criticality, first.enabled) == (second.type, "important", True)
    assert first.guards == GuardConfig(limit=20, rate=25.0, burst=5)
    assert second.guards == GuardConfig(limit=4, rate=10, burst=5, open_for=timedelta(seconds=45))
    settings = acme_settings(second.settings)
    assert (settings.timeout, settings.pauses) == (
        timedelta(seconds=90),
        [timedelta(seconds=1), timedelta(hours=1)],
    )
    assert settings.regions == ("eu", "uk")
    assert settings.api_key.get_secret_value() == SECRET
    assert (second.retry_preset, second.health_every) == (PRESETS["quick"], timedelta(seconds=30))
    assert second.criticality == "critical"
    assert set(fleet.credentials()) == {SECRET}


def test_a_table_of_guards_alone_configures_nothing(tmp_path: Path) -> None:
    fleet = fleet_of(tmp_path, '[providers.jellyfin]\nlimit = 3\n[providers.smtp]\nopen_for = "1m"\n')

    assert (fleet.instances, fleet.problems) == ({}, ())


def test_guards_come_from_the_author_the_profile_the_file_and_the_variables_in_this_order(tmp_path: Path) -> None:
    text = 'profile = "testing"\n' + TWO
    guards = fleet_of(tmp_path, text, GUARD_ACME_EU_RAMP="3s", PROFILE="development").guards["acme-eu"]

    assert guards.burst == 5
    assert guards.open_at_most == timedelta(minutes=1)
    assert guards.open_for == timedelta(seconds=45)
    assert guards.ramp == timedelta(seconds=3)


def test_an_instance_may_have_a_preset_of_its_own(tmp_path: Path) -> None:
    text = TWO.replace('"quick"', '{ attempts = 7, longest = "2m" }')

    assert fleet_of(tmp_path, text).instances["acme-eu"].retry_preset == Preset(
        7, timedelta(seconds=1), timedelta(minutes=2)
    )


def test_models_within_models_lists_and_unions_are_read(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(SECRET)
    text = (
        TWO.replace(f'password = "{SECRET}"', f'password_file = "{tmp_path / "secret"}"')
        + f"""
[providers.acme-eu.sign_in]
user = "fleet"
password = "{SECRET}"
[providers.acme-eu.limits_by_region]
eu = "1m30s"
[[providers.acme-eu.routes]]
to = "eu"
password = "{SECRET}"
"""
    )

    fleet = fleet_of(tmp_path, text)

    assert fleet.problems == ()
    settings = acme_settings(fleet.instances["acme-eu"].settings)
    assert settings.proxy.password is not None
    assert settings.proxy.password.get_secret_value() == SECRET
    assert isinstance(settings.sign_in, Basic)
    assert settings.limits_by_region == {"eu": timedelta(seconds=90)}
    assert [route.to for route in settings.routes] == ["eu"]
