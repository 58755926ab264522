"""Dependencies of a fleet: declared, added, looked at for real, and what stops without one."""

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import redis
from click.testing import CliRunner, Result

from broker.fleet.health.machines import ComponentState
from console.cli.resilience.dependency import dependency
from leeward import Leeward, SyncUser
from leeward.errors import Invalid
from leeward.record import Catalogue, ServedActor, ServedDependency, ServedProvider
from leeward.record.publication import Publication
from leeward_admin import Admin, DependencyExists, DependencyOptions, RiskLevel, UnknownDependency
from leeward_admin.admin import opened
from workers.dependencies.dependency import dependency_of
from workers.dependencies.probes import DependencyProbes
from workers.settings.settings import Settings

TOML = """
[dependencies.sso]
criticality = "critical"
depends_on = ["ldap"]
[dependencies.ldap]
type = "database"
"""
MEDIA = ServedProvider(type="jellyfin", criticality="critical", depends_on=("sso",))


class Service:
    """Answers with the status that the test says."""

    def __init__(self) -> None:
        service = self
        self.status = 200

        class Answers(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(service.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
        self.url = f"http://127.0.0.1:{self._server.server_port}/health/2f9c"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def service() -> Iterator[Service]:
    service = Service()
    yield service
    service.stop()


@pytest.fixture
def environment(tmp_path: Path, valkey_url: str) -> dict[str, str]:
    file = tmp_path / "leeward.toml"
    file.write_text(TOML)
    return {"LEEWARD_CONFIG": str(file), "LEEWARD_VALKEY_URL": valkey_url}


@pytest.fixture
def admin(environment: dict[str, str], valkey: redis.Redis) -> Iterator[Admin]:
    """Of a fleet with one worker that serves `media`."""
    catalogue = Catalogue(
        release="1",
        providers={"media": MEDIA, "mail": ServedProvider(criticality="optional")},
        actors={"sync.user": ServedActor(queues=("sync.media",))},
        dependencies={"dns": ServedDependency(type="other", needed_by=("mail",), host="dns.example")},
    )
    Publication(valkey, "host:1", catalogue, []).beat()
    with opened(Settings.load(environment)) as admin:
        yield admin


@pytest.fixture
def leeward(environment: dict[str, str]) -> Callable[..., Result]:
    return lambda *arguments: CliRunner().invoke(dependency, arguments, env=environment)


def checked(service: Service, **options: object) -> DependencyOptions:
    given = {"health_url": service.url, "allow_private": True, "needed_by": ("media",)} | options
    return DependencyOptions.model_validate(given)


def test_all_are_known_with_both_ends_of_each_edge(admin: Admin) -> None:
    found = {one.name: one for one in admin.dependencies.states()}

    assert set(found) == {"media", "mail", "sso", "ldap", "dns", "valkey", "postgresql"}
    assert found["media"].depends_on == ("sso", "valkey")
    assert found["sso"].needed_by == ("media",)
    assert found["ldap"].needed_by == ("sso",)
    assert found["dns"].needed_by == ("mail",)
    assert found["valkey"].needed_by == ("mail", "media")
    assert [one.criticality for one in admin.dependencies.states()][-1] == "optional"


def test_the_health_of_one_that_was_added_at_run_time_is_looked_at(
    admin: Admin, service: Service, valkey: redis.Redis
) -> None:
    admin.dependencies.add("store", checked(service), by="ann")
    probes = DependencyProbes(valkey, {})

    def state() -> tuple[ComponentState, str]:
        probes.look()
        found = next(one for one in admin.dependencies.states() if one.name == "store")
        return found.state, found.detail.replace(service.url, "")

    port = service.url.split("/")[2]
    assert state() == (ComponentState.HEALTHY, f"{port} answers 200")
    service.status = 503
    assert state() == (ComponentState.HEALTHY, f"{port} answers 503")
    assert state() == (ComponentState.DEGRADED, f"{port} answers 503")
    service.status = 401
    assert state() == (ComponentState.UNHEALTHY, f"{port} answers 401")
    service.status = 200
    assert state()[0] is ComponentState.UNHEALTHY
    assert state()[0] is ComponentState.HEALTHY
    service.stop()
    state()
    assert state()[0] is ComponentState.DEGRADED


def test_health_checks_do_not_go_to_private_addresses(admin: Admin, service: Service, valkey: redis.Redis) -> None:
    with pytest.raises(Invalid, match=r"loopback.*health checks do not go there"):
        admin.dependencies.add("store", checked(service, allow_private=False), by="ann")

    in_hex = service.url.replace("127.0.0.1", "0x7f000001")
    with pytest.raises(Invalid):
        admin.dependencies.add("store", checked(service, health_url=in_hex, allow_private=False), by="ann")

    unasked = dependency_of("store", {"health_url": service.url})
    DependencyProbes(valkey, {"store": unasked}).look()
    assert b"health checks do not go there" in valkey.hgetall("leeward:dependencies:health")[b"store"]


def test_what_cannot_be_added_is_said(admin: Admin, service: Service) -> None:
    with pytest.raises(DependencyExists, match="there is sso already"):
        admin.dependencies.add("sso", checked(service), by="ann")
    with pytest.raises(UnknownDependency, match="did you mean media"):
        admin.dependencies.add("store", checked(service, needed_by=("meda",)), by="ann")
    with pytest.raises(Invalid, match="circle"):
        admin.dependencies.add("store", DependencyOptions(depends_on=("sso",), needed_by=("ldap",)), by="ann")
    with pytest.raises(DependencyExists, match=r"leeward\.toml"):
        admin.dependencies.remove("sso")


def test_the_risk_counts_the_jobs_that_would_wait(admin: Admin, valkey_url: str) -> None:
    with Leeward(valkey_url) as client:
        for number in range(3):
            client.enqueue(SyncUser(user=f"u{number}", provider="media"))

    found = admin.dependencies.without("ldap")

    assert [(one.name, one.path) for one in found.affected] == [
        ("media", ("ldap", "sso", "media")),
        ("sso", ("ldap", "sso")),
    ]
    assert (found.waiting, found.providers, found.flow) == (3, 1, 1.0)
    assert (found.impact, found.level) == (93, RiskLevel.CRITICAL)
    assert admin.dependencies.risks()[0].name in {"media", "sso", "ldap", "valkey"}
    with pytest.raises(UnknownDependency):
        admin.dependencies.without("nothing")


def test_the_commands_do_the_same(leeward: Callable[..., Result], admin: Admin, service: Service) -> None:
    added = leeward("add", "store", "--needed-by", "mail", "--health-url", service.url, "--allow-private")
    listed = json.loads(leeward("list", "--refresh", "--json").output)["dependencies"]
    without = leeward("risk", "--without", "store", "--json")
    removed = leeward("remove", "store")

    assert (added.exit_code, removed.exit_code) == (0, 0), added.output
    store = next(one for one in listed if one["name"] == "store")
    assert (store["state"], store["needed_by"]) == ("healthy", ["mail"])
    assert "2f9c" not in json.dumps(listed)
    assert [one["name"] for one in json.loads(without.output)["affected"]] == ["mail"]
    assert "store" not in {one.name for one in admin.dependencies.states()}
