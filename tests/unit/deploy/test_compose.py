"""docker-compose.yml follows the Compose Specification, and what it sets is what we understand."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from tests.support.processes import ROOT
from tests.unit.deploy.interpolation import interpolate, names_in
from workers.composition.composition import compose, usable
from workers.composition.installed.extensions import load
from workers.processes.commands import USUAL
from workers.settings.core_names import ALIASES
from workers.settings.instances.instances import Written
from workers.settings.problem import InvalidSettings
from workers.settings.settings import Settings, core_place

TEXT = (ROOT / "docker-compose.yml").read_text()
COMPOSE: dict[str, Any] = yaml.safe_load(TEXT)
SERVICES: dict[str, Any] = COMPOSE["services"]
OURS = [name for name, service in SERVICES.items() if "build" in service]
FIXED = {  # given by the containers themselves
    "LEEWARD_HTTP_HOST",
    "LEEWARD_HTTP_PORT",
    "LEEWARD_OUTBOX_HTTP_PORT",
    "LEEWARD_DOWNLOAD_ROOT",
}


@pytest.fixture
def schema() -> Draft202012Validator:
    schema = json.loads(Path(__file__).with_name("compose-spec.json").read_text())
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def environment_of(service: str, **variables: str) -> dict[str, str]:
    """What the containers of the service get when the variables are set in the shell."""
    environment = SERVICES[service].get("environment", {})
    return {name: interpolate(str(text), variables) for name, text in environment.items()}


def interpolated_names() -> set[str]:
    return {name for scalar in scalars(COMPOSE) for name in names_in(scalar)}


def scalars(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from scalars(item)
    else:
        yield str(value)


def variables() -> Iterator[str]:
    """Every setting of the fleet and of the providers that it brings, without the files of secrets; and older names."""
    places = [core_place(), *(Written(name, one, {}, in_file=False).settings for name, one in load().types().items())]
    yield from ("CONFIG", *ALIASES.values())
    yield from (
        name for place in places for name in place.variables() if not _is_file_of_secret(name, place.variables())
    )


def _is_file_of_secret(name: str, among: dict[str, Any]) -> bool:
    return name.endswith("_FILE") and name.removesuffix("_FILE") in among


def test_the_file_matches_the_compose_specification(schema: Draft202012Validator) -> None:
    problems = [f"{'/'.join(map(str, error.path))}: {error.message}" for error in schema.iter_errors(COMPOSE)]

    assert problems == []


def test_the_specification_would_find_a_mistake(schema: Draft202012Validator) -> None:
    wrong = {**COMPOSE, "services": {**SERVICES, "worker": {**SERVICES["worker"], "depend_on": ["valkey"]}}}

    assert not schema.is_valid(wrong)


def test_the_expected_services_are_there() -> None:
    assert SERVICES.keys() == {"migrate", "worker", "scheduler", "outbox", "valkey", "postgres", "mail"}
    assert OURS == ["migrate", "worker", "scheduler", "outbox"]


@pytest.mark.parametrize("service", OURS)
def test_the_defaults_are_settings_that_load(service: str) -> None:
    settings = Settings.load(environment_of(service))

    assert settings.valkey_url is not None
    assert settings.valkey_url.get_secret_value() == "redis://:leeward@valkey:6379/0"
    assert settings.database_url is not None
    assert settings.database_url.get_secret_value() == "postgresql://leeward:leeward@postgres:5432/leeward"
    smtp: Any = compose(settings).instances["smtp"].settings
    assert (smtp.host, smtp.port, smtp.tls) == ("mail", 1025, "none")


def test_every_name_of_ours_is_a_setting_and_every_setting_can_be_given() -> None:
    known = {f"LEEWARD_{variable}" for variable in variables()}
    ours = {name for name in interpolated_names() if name.startswith("LEEWARD_")}

    assert set(re.findall(r"LEEWARD_[A-Z_]+[A-Z]", TEXT)) <= known
    assert ours == known - FIXED - {"LEEWARD_DATA_DIR"}  # there are no embedded servers in containers
    for service in OURS:
        assert environment_of(service).keys() == ours | FIXED


def test_a_variable_of_the_shell_reaches_the_containers_and_its_mistakes_are_found() -> None:
    assert Settings.load(environment_of("worker", LEEWARD_THREADS="32")).threads == 32
    with pytest.raises(InvalidSettings, match="LEEWARD_JELLYFIN_TOKEN"):
        usable(Settings.load(environment_of("worker", LEEWARD_JELLYFIN_URL="https://media.example.org")))


def test_one_password_reaches_the_server_and_its_clients() -> None:
    chosen = {"VALKEY_PASSWORD": "one", "POSTGRES_PASSWORD": "two"}

    assert environment_of("worker", **chosen)["LEEWARD_VALKEY_URL"] == "redis://:one@valkey:6379/0"
    assert "one" in [interpolate(word, chosen) for word in SERVICES["valkey"]["command"]]
    assert environment_of("valkey", **chosen) == {"REDISCLI_AUTH": "one"}
    assert environment_of("worker", **chosen)["LEEWARD_DATABASE_URL"].startswith("postgresql://leeward:two@")
    assert environment_of("postgres", **chosen)["POSTGRES_PASSWORD"] == "two"


def test_whoever_is_waited_for_exists_and_can_become_what_is_waited_for() -> None:
    for name, service in SERVICES.items():
        for needed, requirement in service.get("depends_on", {}).items():
            assert needed in SERVICES, f"{name} waits for {needed}"
            if requirement["condition"] == "service_healthy":
                assert "healthcheck" in SERVICES[needed], f"{name} waits for {needed} to become healthy"
            else:
                assert SERVICES[needed]["restart"] != "unless-stopped", f"{name} waits for {needed} to end"


def test_every_service_but_the_scheduler_and_the_migration_tells_its_health() -> None:
    assert {name for name, service in SERVICES.items() if "healthcheck" not in service} == {"migrate", "scheduler"}


def test_the_processes_are_those_of_up() -> None:
    commands = {name: ("leeward", *SERVICES[name]["command"]) for name in ("worker", "scheduler")}

    assert commands == USUAL


def test_a_stopped_worker_has_its_drain_time() -> None:
    grace = int(SERVICES["worker"]["stop_grace_period"].removesuffix("s"))

    assert grace > Settings.load(environment_of("worker")).drain.total_seconds()


def test_foreign_images_have_a_version() -> None:
    images = [service["image"] for service in SERVICES.values() if "build" not in service]

    assert all(re.search(r":v?\d", image) for image in images), images


def test_ports_are_open_to_this_machine_only() -> None:
    ports = [port for service in SERVICES.values() for port in service.get("ports", [])]

    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_named_volumes_are_declared() -> None:
    used = {volume.partition(":")[0] for service in SERVICES.values() for volume in service.get("volumes", [])}

    assert used == COMPOSE["volumes"].keys()
