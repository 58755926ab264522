"""A fleet that the tests of one module share: two worker processes and, where a test starts them, schedulers. Also a fleet from wheels."""

from collections.abc import Iterator

import pytest

from tests.acceptance.environment import Environment
from tests.support.fleets.fleet import Fleet, fleet_at
from tests.support.fleets.fleet_host import Host
from tests.support.servers import fresh_database, running_valkey
from workers.embedded import EmbeddedPostgres


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """An environment with the fleet's wheels. Tests of extensions install theirs into it, too."""
    return Environment(tmp_path_factory.mktemp("environment of a user"))


@pytest.fixture(scope="module")
def fleet(
    tmp_path_factory: pytest.TempPathFactory, postgres_server: EmbeddedPostgres, _migrated_template: str
) -> Iterator[Fleet]:
    """Without any process yet. Its Valkey is its own, because tests empty the session's."""
    folder = tmp_path_factory.mktemp("fleet")
    with (
        running_valkey() as valkey,
        fresh_database(postgres_server.url, template=_migrated_template) as database_url,
        fleet_at(folder, valkey_url=valkey.url, database_url=database_url) as fleet,
    ):
        yield fleet


@pytest.fixture(scope="module")
def _host(fleet: Fleet) -> Host:
    # At this level every line that could give something away is written.
    return fleet.start_host(log_level="debug").wait_until_ready()


@pytest.fixture
def host(_host: Host, fleet: Fleet) -> Iterator[Host]:
    """A ready host; the providers behave again afterwards."""
    yield _host.wait_until_ready()
    for simulator in (fleet.jellyfin, fleet.mail, fleet.files):
        simulator.faults.reset()
