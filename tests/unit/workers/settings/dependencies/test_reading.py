"""`[dependencies.NAME]` and `depends_on` of providers: read, and every problem with its place and the nearest name."""

from datetime import timedelta
from pathlib import Path

import pytest

from tests.unit.workers.settings.instances.acme import fleet_of

PROVIDER = '[providers.acme]\nurl = "https://acme.example"\napi_key = "k-k-k-k-k"\n'
GOOD = f"""
{PROVIDER}depends_on = ["sso"]
[dependencies.sso]
type = "external-api"
criticality = "critical"
depends_on = ["ldap", "postgresql"]
health_url = "https://sso.example:8443/health/2f9c"
timeout = "2s"
[dependencies.ldap]
type = "database"
needed_by = ["acme"]
"""


def test_what_is_declared_can_be_used(tmp_path: Path) -> None:
    fleet = fleet_of(tmp_path, GOOD)

    assert list(fleet.problems) == []
    assert fleet.instances["acme"].depends_on == ("sso",)
    sso = fleet.dependencies["sso"]
    assert (sso.criticality, sso.depends_on, sso.timeout) == ("critical", ("ldap", "postgresql"), timedelta(seconds=2))
    assert sso.host == "sso.example:8443"
    assert fleet.dependencies["ldap"].needed_by == ("acme",)


def test_a_variable_changes_what_the_table_says(tmp_path: Path) -> None:
    fleet = fleet_of(tmp_path, GOOD, DEPENDENCY_LDAP_CRITICALITY="optional", ACME_DEPENDS_ON="sso, ldap")

    assert list(fleet.problems) == []
    assert fleet.dependencies["ldap"].criticality == "optional"
    assert fleet.instances["acme"].depends_on == ("sso", "ldap")


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ('[dependencies.sso]\nneeded_by = ["acm"]', "dependencies.sso.needed_by names acm, which is no provider"),
        ('[dependencies.sso]\nneeded_by = ["acm"]', "did you mean acme?"),
        ("[dependencies.acme]", "dependencies.acme has the name of a provider"),
        ("[dependencies.valkey]", "dependencies.valkey has the name of a server of the fleet"),
        ('[dependencies."a b"]', "cannot be the name of a dependency"),
        ('[dependencies.sso]\ndepends_on = ["sso"]', "in a circle: sso -> sso"),
        ('[dependencies.sso]\nkind = "database"', "dependencies.sso.kind is not a setting"),
        ('[dependencies.sso]\ntype = "queue"', "write database, cache, external-api or other"),
        ('[dependencies.sso]\nhealth_url = "ftp://x/secret-7"', "health_url must begin with http:// or https://"),
        ('[dependencies.sso]\nhealth_url = "https://u:secret-7@x"', "health_url holds a user or a password"),
        ("[dependencies]\nsso = 3", "dependencies.sso must be a table"),
    ],
)
def test_every_problem_is_said_with_its_place(tmp_path: Path, table: str, said: str) -> None:
    found = " ".join(map(str, fleet_of(tmp_path, f"{PROVIDER}{table}\n").problems))

    assert said in found
    assert "secret-7" not in found
