"""Instances of providers as `LEEWARD_` variables describe or change them, and variables that could mean several things."""

from datetime import timedelta
from pathlib import Path

from broker.guards.config import GuardConfig
from middleware.retries.presets import PRESETS
from tests.unit.workers.settings.instances.acme import (
    SECRET,
    TWO,
    acme_settings,
    fleet_of,
    problems_of,
)


def test_variables_override_the_file_and_follow_from_the_model(tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_text("from-a-file\n")

    fleet = fleet_of(
        tmp_path,
        TWO,
        ACME_EU_URL="https://other.example",
        ACME_EU_API_KEY_FILE=str(key),
        ACME_EU_TIMEOUT="250ms",
        ACME_EU_REGIONS="us, ca",
        ACME_EU_PROXY_ADDRESS="direct",
        ACME_EU_CRITICALITY="optional",
        ACME_EU_RETRY_PRESET="aggressive",
        ACME_EU_ENABLED="false",
        GUARD_ACME_EU_LIMIT="9",
    )

    assert fleet.problems == ()
    one = fleet.instances["acme-eu"]
    settings = acme_settings(one.settings)
    assert (str(settings.url), settings.timeout) == ("https://other.example/", timedelta(milliseconds=250))
    assert (settings.api_key.get_secret_value(), settings.regions) == ("from-a-file", ("us", "ca"))
    assert settings.proxy.address == "direct"
    assert (one.criticality, one.retry_preset, one.enabled) == ("optional", PRESETS["aggressive"], False)
    assert (one.guards.limit, one.guards.enabled) == (9, False)


def test_variables_alone_make_the_instance_that_is_named_as_its_type(tmp_path: Path) -> None:
    fleet = fleet_of(
        tmp_path,
        DOWNLOAD_ROOT="/srv/downloads",
        KEEP_PARTS="3d",
        JELLYFIN_URL="https://m.example",
        JELLYFIN_TOKEN=SECRET,
    )

    assert fleet.problems == ()
    assert sorted(fleet.instances) == ["http", "jellyfin"]
    assert fleet.guards["http"] == GuardConfig(limit=2, observe=True, hold=False)


def test_an_instance_whose_variables_are_the_fleets_own_is_refused(tmp_path: Path) -> None:
    text = f'[providers.database]\ntype = "acme"\nurl = "https://acme.example"\napi_key = "{SECRET}"\n'

    assert problems_of(tmp_path, text) == [
        (
            "providers.database would have the variable LEEWARD_DATABASE_URL, which is a setting of the fleet; "
            "choose another name."
        )
    ]


def test_a_variable_that_could_mean_two_instances_is_not_guessed(tmp_path: Path) -> None:
    text = TWO + '[providers.acme_eu]\ntype = "acme"\nurl = "https://b.example"\napi_key = "long enough"\n'

    assert fleet_of(tmp_path, text).problems == ()
    assert problems_of(tmp_path, text, ACME_EU_URL="https://c.example") == [
        (
            "LEEWARD_ACME_EU_URL could mean providers.acme-eu or providers.acme_eu; "
            "write the one that is meant into leeward.toml."
        )
    ]
