"""One environment and one fleet for all tests of this folder."""

import os
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from simulators.jellyfin.server import JellyfinSimulator
from tests.acceptance.environment import ROOT, Environment
from tests.acceptance.extension.invoice_server import InvoiceServer
from tests.acceptance.extension.site import Site, site_at
from tests.support.fleets.fleet_host import Host
from tests.support.servers import connect_valkey, fresh_database, running_valkey
from tests.support.waiting import wait_until
from workers.embedded import EmbeddedPostgres

ACME = Path(os.environ.get("LEEWARD_TEST_ACME", ROOT / "examples" / "leeward-acme"))
"""Another package with the same provider and jobs can be tried in the example's place."""
BADGES = ROOT / "examples" / "leeward-badges"
OVERDUE = 1_700_000_000_000


@pytest.fixture(scope="session")
def environment(installed: Environment) -> Environment:
    installed.install(ACME, BADGES)
    return installed


@dataclass(slots=True)
class AcmeSite:
    """Two instances of Acme, one of Jellyfin, a running host and a running scheduler."""

    site: Site
    acme: InvoiceServer
    acme_eu: InvoiceServer
    jellyfin: JellyfinSimulator
    host: Host


@pytest.fixture(scope="module")
def running(
    tmp_path_factory: pytest.TempPathFactory,
    environment: Environment,
    postgres_server: EmbeddedPostgres,
    _migrated_template: str,
) -> Iterator[AcmeSite]:
    folder = tmp_path_factory.mktemp("site")
    with ExitStack() as stack:
        acme = stack.enter_context(InvoiceServer("k").running())
        acme_eu = stack.enter_context(InvoiceServer("k2").running())
        jellyfin = stack.enter_context(JellyfinSimulator())
        valkey = stack.enter_context(running_valkey())
        url = stack.enter_context(fresh_database(postgres_server.url, template=_migrated_template))
        site = stack.enter_context(site_at(folder, environment, valkey_url=valkey.url, database_url=url))
        site.configuration.write_text(configuration(acme, acme_eu, jellyfin))
        site.start("scheduler")
        host = site.start_host()
        miss_a_tick(valkey.url)
        yield AcmeSite(site, acme, acme_eu, jellyfin, host)


def configuration(acme: InvoiceServer, acme_eu: InvoiceServer, jellyfin: JellyfinSimulator) -> str:
    return f"""
        profile = "testing"
        [providers.acme]
        url = "{acme.url}"
        api_key = "{acme.key}"
        [providers.acme-eu]
        type = "acme"
        url = "{acme_eu.url}"
        api_key = "{acme_eu.key}"
        [providers.jellyfin]
        url = "{jellyfin.url}"
        token = "{jellyfin.settings.token}"
    """


def miss_a_tick(valkey_url: str) -> None:
    """As if no tick had been sent for a long time: the scheduler sends the latest one that was missed."""
    with connect_valkey(valkey_url) as client:
        for name in ("acme", "acme-eu"):
            ticks, actor = f"leeward:{{{name}}}:ticks", f"acme.chase_overdue.{name}"
            wait_until(partial(client.hexists, ticks, actor), description="the scheduler knows the actor", timeout=60.0)
            client.hset(ticks, actor, f"{OVERDUE} ")
