"""Instances of providers: tables of leeward.toml, variables, secrets, and everything that is wrong at once."""

from datetime import timedelta
from pathlib import Path

import pytest

from broker.guards.config import GuardConfig
from middleware.retries.presets import PRESETS, Preset
from tests.unit.workers.settings.instances.acme import SECRET, AcmeSettings, Basic, fleet_of, problems_of

TWO = f"""
[providers.acme]
url = "https://acme.example"
api_key = "{SECRET}"
[providers.acme-eu]
type = "acme"
url = "https://eu.acme.example"
api_key_env = "ACME_KEY"
criticality = "critical"
timeout = "1m30s"
pauses = ["1s", "1h"]
regions = ["eu", "uk"]
retry_preset = "quick"
health_every = "30s"
limit = 4
rate = 10
open_for = "45s"
[providers.acme-eu.proxy]
address = "proxy.example"
password = "{SECRET}"
"""


def acme(settings: object) -> AcmeSettings:
    assert isinstance(settings, AcmeSettings)
    return settings


def test_two_instances_of_a_type_have_their_own_settings_and_guards(tmp_path: Path) -> None:
    fleet = fleet_of(tmp_path, TWO)

    assert fleet.problems == ()
    first, second = fleet.instances["acme"], fleet.instances["acme-eu"]
    assert (first.type, first.criticality, first.enabled) == (second.type, "important", True)
    assert first.guards == GuardConfig(limit=20, rate=25.0, burst=5)
    assert second.guards == GuardConfig(limit=4, rate=10, burst=5, open_for=timedelta(seconds=45))
    settings = acme(second.settings)
    assert (settings.timeout, settings.pauses) == (
        timedelta(seconds=90),
        [timedelta(seconds=1), timedelta(hours=1)],
    )
    assert settings.regions == ("eu", "uk")
    assert settings.api_key.get_secret_value() == SECRET
    assert (second.retry_preset, second.health_every) == (PRESETS["quick"], timedelta(seconds=30))
    assert second.criticality == "critical"
    assert set(fleet.credentials()) == {SECRET}


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
    settings = acme(one.settings)
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


def test_a_table_of_guards_alone_configures_nothing(tmp_path: Path) -> None:
    fleet = fleet_of(tmp_path, '[providers.jellyfin]\nlimit = 3\n[providers.smtp]\nopen_for = "1m"\n')

    assert (fleet.instances, fleet.problems) == ({}, ())


def test_a_table_that_names_its_type_declares_an_instance_and_what_it_lacks_is_reported(tmp_path: Path) -> None:
    found = problems_of(tmp_path, '[providers.acme-eu]\ntype = "acme"\nlimit = 3\n')

    assert any("acme-eu" in problem and "url" in problem for problem in map(str, found))


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


def test_every_problem_is_reported_at_once_with_its_place_the_nearest_name_and_what_to_do(tmp_path: Path) -> None:
    text = f"""
[providers.acme]
ulr = "https://acme.example"
api_key = "{SECRET}"
api_key_env = "ACME_KEY"
timeout = 5
workers = 0
criticality = "vital"
retry_preset = "quik"
health_every = "soon"
limit = -1
burst = "many"
[providers.acme-eu]
type = "acne"
[providers.probes]
type = "acme"
[providers."Acme US"]
type = "acme"
[providers.plex]
url = "https://plex.example"
[providers.jellyfin]
url = "https://user@media.example"
[providers.smtp]
host = "relay.example"
sender = "fleet@example.org"
username = "fleet"
"""
    problems = problems_of(tmp_path, text, ACME_URLL="x", QWXZ="1", JELLYFIN_TOKEN_FILE="/no/such/file")

    expected = [
        "providers.acme.ulr is not a setting; did you mean url?",
        "providers.acme lacks url; write it as url there, or set LEEWARD_ACME_URL.",
        "providers.acme.api_key and api_key_env are both there; remove one of them.",
        "providers.acme.timeout is 5, which is not a valid duration; use for example 30d.",
        "providers.acme.workers is 0, which cannot be used; write a whole number above 0.",
        "providers.acme.criticality is 'vital', which cannot be used; write critical, important or optional.",
        "providers.acme.retry_preset is not a retry preset; did you mean quick?",
        "providers.acme.health_every is 'soon', which is not a valid duration; use for example 30d.",
        "providers.acme cannot be used: burst is 'many'; write a whole number.",
        "providers.acme cannot be used: limit must be at least 0.",
        "providers.acme-eu is of the type 'acne', which no installed extension brings; did you mean acme?",
        "providers.probes has the name of a queue of the fleet itself",
        "providers.Acme US cannot be part of a queue's name",
        "providers.plex is of the type 'plex', which no installed extension brings; install the package that brings it",
        "providers.jellyfin.url holds more than an address",
        "LEEWARD_JELLYFIN_TOKEN_FILE names /no/such/file, which cannot be read",
        "providers.smtp cannot be used: ",
        "LEEWARD_ACME_URLL is not a setting; did you mean LEEWARD_ACME_URL?",
        "LEEWARD_QWXZ is not a setting; remove it.",
    ]
    for one in expected:
        assert any(problem.startswith(one) for problem in problems), (one, problems)
    assert len(problems) == len(expected)
    assert SECRET not in str(problems)


def test_a_problem_names_the_file(tmp_path: Path) -> None:
    (problem,) = fleet_of(tmp_path, TWO.replace("regions", "region")).problems

    assert problem.name == f"{tmp_path / 'leeward.toml'}: providers.acme-eu.region"


@pytest.mark.parametrize(
    ("text", "variables"),
    [
        (TWO.replace('api_key_env = "ACME_KEY"', 'api_key = "q7x!"'), {}),
        (TWO, {"ACME_EU_API_KEY": "q7x!"}),
        (TWO, {"ACME_EU_URL": "q7x!"}),
        (TWO.replace("https://eu.acme.example", "https://q7x!:80000"), {}),
    ],
)
def test_a_secret_is_in_no_problem_even_where_a_check_repeats_it(
    tmp_path: Path, text: str, variables: dict[str, str]
) -> None:
    (problem,) = problems_of(tmp_path, text, **variables)

    assert "q7x!" not in problem


def test_a_half_configured_instance_of_variables_names_what_is_missing(tmp_path: Path) -> None:
    assert problems_of(tmp_path, JELLYFIN_URL="https://media.example") == [
        (
            "LEEWARD_JELLYFIN_URL is set without LEEWARD_JELLYFIN_TOKEN; set that to an API key of the Jellyfin server, "
            "or remove this."
        )
    ]


def test_a_secret_of_a_variable_that_is_not_set_is_a_problem(tmp_path: Path) -> None:
    (problem,) = problems_of(tmp_path, TWO.replace("ACME_KEY", "ACME_KEI"))

    assert (
        problem == "providers.acme-eu.api_key_env names the variable ACME_KEI, which is not set; set it to the secret."
    )


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


@pytest.mark.parametrize(
    "text", ["providers = 3", "[providers]\nacme = 3", "[retry_presets]\npatient = 3", "actors = 3"]
)
def test_a_file_of_the_wrong_shape_is_a_problem_and_no_crash(tmp_path: Path, text: str) -> None:
    (problem,) = problems_of(tmp_path, text)

    assert "must be a table" in problem


def test_an_unknown_name_in_a_table_within_an_instance_is_reported(tmp_path: Path) -> None:
    (problem,) = problems_of(tmp_path, TWO + 'adress = "proxy.example"\n')

    assert problem == "providers.acme-eu.proxy.adress is not a setting; did you mean address?"


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
    settings = acme(fleet.instances["acme-eu"].settings)
    assert settings.proxy.password is not None
    assert settings.proxy.password.get_secret_value() == SECRET
    assert isinstance(settings.sign_in, Basic)
    assert settings.limits_by_region == {"eu": timedelta(seconds=90)}
    assert [route.to for route in settings.routes] == ["eu"]


def test_what_is_wrong_in_a_list_of_tables_names_the_list_and_shows_no_secret(tmp_path: Path) -> None:
    text = TWO.replace(
        "[providers.acme-eu.proxy]", f'routes = [{{ password = "{SECRET}" }}]\n[providers.acme-eu.proxy]'
    )

    (problem,) = problems_of(tmp_path, text)

    assert problem.startswith("providers.acme-eu.routes.0.to cannot be used: field required")
    assert SECRET not in problem
