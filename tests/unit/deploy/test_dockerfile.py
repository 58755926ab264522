"""The image holds what the fleet needs: no engine is here to build it, so its copies are checked."""

import fnmatch
import tomllib

from tests.support.processes import ROOT

LINES = (ROOT / "deploy" / "Dockerfile").read_text().splitlines()
COPIED = [source for line in LINES if line.startswith("COPY ") for source in line.split()[1:-1]]


def test_everything_that_is_copied_exists() -> None:
    assert [source for source in COPIED if not (ROOT / source).exists()] == []


def test_every_package_of_the_application_is_copied() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    packages = project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]

    assert set(packages) | {"schemas", "requirements", "pyproject.toml"} <= set(COPIED)


def test_what_is_copied_is_sent_to_the_build_and_the_environment_of_this_machine_is_not() -> None:
    rules = (ROOT / "deploy" / "Dockerfile.dockerignore").read_text().splitlines()

    assert rules[0] == "**"
    assert {rule.removeprefix("!") for rule in rules if rule.startswith("!")} == set(COPIED)
    assert not any(fnmatch.fnmatch(".venv", rule.removeprefix("!")) for rule in rules if rule.startswith("!"))


def test_the_fleet_does_not_run_as_root() -> None:
    users = [line.split()[1] for line in LINES if line.startswith("USER ")]

    assert users == ["leeward"]
