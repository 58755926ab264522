"""A PostgreSQL that does not answer: who waits for it comes back, and goes on when it answers again."""

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from storage.database.answering import Patience
from storage.database.engine import create_engine
from tests.support.faults import FaultyProxy, faulty_proxy
from tests.support.frozen import frozen
from workers.embedded import EmbeddedPostgres

SHORT = Patience(silence=timedelta(milliseconds=300), answer=timedelta(seconds=2), longest=timedelta(seconds=60))


@pytest.fixture
def proxy(postgres_server: EmbeddedPostgres) -> Iterator[FaultyProxy]:
    with faulty_proxy(postgres_server.url) as proxy:
        yield proxy


@pytest.fixture
def engine(proxy: FaultyProxy) -> Iterator[Engine]:
    engine = create_engine(proxy.url, patience=SHORT)
    yield engine
    engine.dispose()


def ask(engine: Engine, query: str = "SELECT 1") -> object:
    with engine.begin() as connection:
        return connection.execute(text(query)).scalar()


def test_a_network_that_swallows_everything_ends_the_query(engine: Engine, proxy: FaultyProxy) -> None:
    with engine.connect() as connection:
        connection.execute(text("SELECT 1"))
        proxy.black_hole()

        with pytest.raises(OperationalError, match="does not answer on another connection") as raised:
            connection.execute(text("SELECT 2"))

        assert raised.value.connection_invalidated
    proxy.heal()
    assert ask(engine) == 1


def test_a_connection_that_carries_nothing_any_more_ends_the_query(engine: Engine, proxy: FaultyProxy) -> None:
    """Others get through: the server says that it does not work on ours."""
    with engine.connect() as connection:
        connection.execute(text("SELECT 1"))
        proxy.forget_open_connections()

        with pytest.raises(OperationalError, match="it was lost"):
            connection.execute(text("SELECT 2"))

    assert ask(engine) == 1


def test_a_pooled_connection_that_carries_nothing_is_replaced_before_it_is_used(
    engine: Engine, proxy: FaultyProxy
) -> None:
    ask(engine)
    proxy.forget_open_connections()

    assert ask(engine) == 1


@pytest.mark.parametrize(
    "query", ["SELECT pg_sleep(1.5), 7", "SELECT count(*) FROM (SELECT pg_sleep(0.5) FROM generate_series(1, 3)) AS s"]
)
def test_a_query_that_the_server_works_at_is_waited_for(engine: Engine, query: str) -> None:
    ask(engine, query)


def test_a_query_that_waits_for_a_lock_is_waited_for(engine: Engine) -> None:
    released = threading.Event()
    with engine.connect() as holder:
        holder.execute(text("SELECT pg_advisory_lock(77)"))

        def release() -> None:
            released.set()
            holder.invalidate()

        timer = threading.Timer(1.5, release)
        timer.start()
        ask(engine, "SELECT pg_advisory_lock_shared(77)")
        timer.join()

    assert released.is_set()


def test_a_query_has_an_end_although_the_server_works_at_it(postgres_server: EmbeddedPostgres) -> None:
    engine = create_engine(postgres_server.url, patience=Patience(longest=timedelta(milliseconds=500)))

    with pytest.raises(OperationalError, match="has not finished"):
        ask(engine, "SELECT pg_sleep(30)")

    assert ask(engine) == 1
    engine.dispose()


def test_a_result_that_comes_in_pieces_may_take_its_time(engine: Engine) -> None:
    rows = 0
    with engine.connect() as connection:
        query = text("SELECT repeat('x', 1000), pg_sleep(0.01) FROM generate_series(1, 100)")
        for _ in connection.execution_options(stream_results=True, yield_per=20).execute(query):
            rows += 1

    assert rows == 100


def test_a_server_that_is_stopped_ends_the_query_and_the_next_works_when_it_goes_on(
    own_postgres: EmbeddedPostgres,
) -> None:
    engine = create_engine(own_postgres.url, patience=SHORT, connect_timeout=timedelta(seconds=2))
    ask(engine)
    assert own_postgres.pid is not None
    with frozen(own_postgres.pid):
        for _ in range(2):
            with pytest.raises(SQLAlchemyError):
                ask(engine)

    assert ask(engine) == 1
    engine.dispose()
