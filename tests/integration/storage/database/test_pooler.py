"""A pooler between us and PostgreSQL that shares sessions: transactions work, and what needs a session of its own says so."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import make_url, text

from storage.database.engine import create_engine
from storage.database.fitness import UnfitDatabase
from storage.database.migrate import upgrade
from storage.database.pooler import SharedSessions, shares_sessions
from storage.database.revisions import pending
from storage.replays.runner_lock import runner_lock
from tests.support.infrastructure.pgbouncer import PROGRAM, pgbouncer
from workers.embedded import EmbeddedPostgres

pytestmark = pytest.mark.skipif(PROGRAM is None, reason="needs PgBouncer (Debian's pgbouncer)")

TAKES_OPTIONS = "ignore_startup_parameters = options"


@pytest.fixture(scope="module", params=["", TAKES_OPTIONS], ids=["refuses options", "drops options"])
def shared(request: pytest.FixtureRequest, postgres_server: EmbeddedPostgres) -> Iterator[str]:
    with pgbouncer(postgres_server.url, mode="transaction", options=request.param) as url:
        yield url


def at(pooler: str, database_url: str) -> str:
    name = make_url(database_url).database
    return make_url(pooler).set(database=name).render_as_string(hide_password=False)


def test_transactions_of_many_threads_work(shared: str, database_url: str) -> None:
    engines = [create_engine(at(shared, database_url)) for _ in range(2)]
    problems: list[Exception] = []

    def ask(number: int) -> None:
        try:
            for _ in range(20):
                with engines[number % 2].begin() as connection:
                    query = text(f"SELECT count(*), {number} FROM dead_letters WHERE provider = :p")
                    connection.execute(query, {"p": "pgx"}).one()
        except Exception as error:
            problems.append(error)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert problems == []
    for engine in engines:
        engine.dispose()


def test_times_come_back_in_utc_whatever_the_servers_zone_is(shared: str, database_url: str) -> None:
    steering = create_engine(database_url, pool_size=0)
    name = make_url(database_url).database
    with steering.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"ALTER DATABASE {name} SET timezone = 'Asia/Kolkata'"))
    engine = create_engine(at(shared, database_url))

    for _ in range(3):
        with engine.begin() as connection:
            now, hour = connection.execute(text("SELECT now(), date_trunc('hour', now())")).one()
            assert now.utcoffset() == timedelta(0)
            assert hour.minute == 0
    engine.dispose()


def test_what_needs_a_session_of_its_own_is_refused(shared: str, database_url: str) -> None:
    url = at(shared, database_url)
    engine = create_engine(url)

    assert shares_sessions(engine)
    assert pending(url) == []
    with pytest.raises(SharedSessions, match="migrations"):
        upgrade(url)
    with pytest.raises(SharedSessions, match="replays"), runner_lock(engine, uuid4()):
        pass
    engine.dispose()


def test_options_that_would_be_dropped_are_refused(shared: str, database_url: str) -> None:
    engine = create_engine(f"{at(shared, database_url)}?options=-csearch_path%3Dlee")

    with pytest.raises(UnfitDatabase, match="options"), engine.connect():
        pass


def test_a_pooler_of_sessions_is_as_good_as_the_server(postgres_server: EmbeddedPostgres, database_url: str) -> None:
    with pgbouncer(postgres_server.url, mode="session", options=TAKES_OPTIONS) as pooler:
        engine = create_engine(at(pooler, database_url))

        assert not shares_sessions(engine)
        with runner_lock(engine, uuid4()) as connection:
            assert connection is not None
        engine.dispose()


def test_the_server_itself_shares_nothing(database_url: str) -> None:
    engine = create_engine(database_url)

    assert not shares_sessions(engine)
    engine.dispose()
