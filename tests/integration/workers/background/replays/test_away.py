"""Servers that go away in the middle of a replay."""

from collections.abc import Callable, Iterator
from functools import partial

import pytest
from sqlalchemy import Engine

from leeward.wire.valkey.connection import connect
from leeward_admin.replays import Replays
from storage.database.engine import create_engine
from storage.database.migrate import upgrade
from storage.replays.rules import Rules
from storage.replays.state import ItemOutcome
from tests.integration.storage.rows import keep, letter
from tests.integration.workers.background.replays.fleet import jobs, selection
from tests.integration.workers.background.replays.test_killed import RUNNER
from tests.support.processes import ROOT, RunningProcess
from tests.support.waiting import wait_until
from workers.background.replays.run import Fleet
from workers.embedded import EmbeddedPostgres, EmbeddedValkey

LETTERS = 400


@pytest.fixture
def own_engine(own_postgres: EmbeddedPostgres) -> Iterator[Engine]:
    upgrade(own_postgres.url)
    engine = create_engine(own_postgres.url)
    yield engine
    engine.dispose()


@pytest.mark.chaos
@pytest.mark.timeout(300)
def test_a_replay_outlives_restarts_of_both_servers_and_doubles_nothing(
    own_engine: Engine,
    own_postgres: EmbeddedPostgres,
    own_valkey: EmbeddedValkey,
    start_process: Callable[..., RunningProcess],
) -> None:
    with own_engine.connect() as connection:
        keep(connection, *(letter(number) for number in range(LETTERS)))
    client = connect(own_valkey.url)
    replays = Replays(own_engine, lambda: Fleet(own_engine, client, list))
    id_ = replays.create(selection(), Rules(per_second=80), who="ada").id
    start_process([*RUNNER, own_valkey.url, own_postgres.url, "never"], cwd=ROOT)

    def enqueued() -> int:
        return replays.get(id_).counts[ItemOutcome.QUEUED]

    def has_enqueued(spot: int) -> bool:
        return enqueued() >= spot

    for server, spot in ((own_postgres, 50), (own_valkey, 150), (own_postgres, 250)):
        wait_until(partial(has_enqueued, spot), description=f"{spot} to be enqueued", timeout=60)
        server.kill()
        server.start()
    wait_until(lambda: enqueued() == LETTERS, description="all to be enqueued", timeout=90)

    users = sorted(message.kwargs["payload"]["user"] for message in jobs(client).values())
    assert users == sorted(f"user-{number}" for number in range(LETTERS))
    client.close()
