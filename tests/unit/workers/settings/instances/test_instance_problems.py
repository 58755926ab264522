"""Everything that is wrong with an instance: its place, the nearest name, what to do, and no secret."""

from pathlib import Path

import pytest

from tests.unit.workers.settings.instances.acme import (
    SECRET,
    TWO,
    fleet_of,
    problems_of,
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


def test_a_table_that_names_its_type_declares_an_instance_and_what_it_lacks_is_reported(tmp_path: Path) -> None:
    found = problems_of(tmp_path, '[providers.acme-eu]\ntype = "acme"\nlimit = 3\n')

    assert any("acme-eu" in problem and "url" in problem for problem in map(str, found))


def test_a_half_configured_instance_of_variables_names_what_is_missing(tmp_path: Path) -> None:
    assert problems_of(tmp_path, JELLYFIN_URL="https://media.example") == [
        (
            "LEEWARD_JELLYFIN_URL is set without LEEWARD_JELLYFIN_TOKEN; set that to an API key of the Jellyfin server, "
            "or remove this."
        )
    ]


def test_an_unknown_name_in_a_table_within_an_instance_is_reported(tmp_path: Path) -> None:
    (problem,) = problems_of(tmp_path, TWO + 'adress = "proxy.example"\n')

    assert problem == "providers.acme-eu.proxy.adress is not a setting; did you mean address?"


def test_what_is_wrong_in_a_list_of_tables_names_the_list_and_shows_no_secret(tmp_path: Path) -> None:
    text = TWO.replace(
        "[providers.acme-eu.proxy]", f'routes = [{{ password = "{SECRET}" }}]\n[providers.acme-eu.proxy]'
    )

    (problem,) = problems_of(tmp_path, text)

    assert problem.startswith("providers.acme-eu.routes.0.to cannot be used: field required")
    assert SECRET not in problem


@pytest.mark.parametrize(
    "text", ["providers = 3", "[providers]\nacme = 3", "[retry_presets]\npatient = 3", "actors = 3"]
)
def test_a_file_of_the_wrong_shape_is_a_problem_and_no_crash(tmp_path: Path, text: str) -> None:
    (problem,) = problems_of(tmp_path, text)

    assert "must be a table" in problem


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


@pytest.mark.parametrize("period", ["0s", "999ms", "367d"])
def test_a_period_of_health_checks_that_no_scheduler_keeps_is_a_problem(tmp_path: Path, period: str) -> None:
    (problem,) = problems_of(tmp_path, TWO.replace('health_every = "30s"', f'health_every = "{period}"'))

    assert problem == (
        f"providers.acme-eu.health_every is '{period}', which has an impossible length; "
        "write a period from 1 s to 366 d."
    )


def test_a_secret_of_a_variable_that_is_not_set_is_a_problem(tmp_path: Path) -> None:
    (problem,) = problems_of(tmp_path, TWO.replace("ACME_KEY", "ACME_KEI"))

    assert (
        problem == "providers.acme-eu.api_key_env names the variable ACME_KEI, which is not set; set it to the secret."
    )
