"""Whatever the caller writes with, a row is there if and only if the caller's transaction commits."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, AbstractContextManager, asynccontextmanager, contextmanager
from typing import Any

import psycopg
import pytest
from sqlalchemy import Engine, create_engine
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import Session, scoped_session, sessionmaker

from leeward import SyncUser, outbox
from leeward.errors import Invalid

JOB = SyncUser(user="alice")


def of_driver(url: str) -> str:
    return url.replace("postgresql://", "postgresql+psycopg://")


@contextmanager
def disposed(url: str, **options: Any) -> Iterator[Engine]:
    engine = create_engine(of_driver(url), **options)
    try:
        yield engine
    finally:
        engine.dispose()


@asynccontextmanager
async def disposed_async(url: str) -> AsyncIterator[AsyncEngine]:
    engine = create_async_engine(of_driver(url))
    try:
        yield engine
    finally:
        await engine.dispose()


@contextmanager
def psycopg_connection(url: str) -> Iterator[Any]:
    with psycopg.connect(url) as connection:
        yield connection


@contextmanager
def psycopg_block(url: str) -> Iterator[Any]:
    """A connection in autocommit, inside `transaction()`."""
    with psycopg.connect(url, autocommit=True) as connection, connection.transaction():
        yield connection


@contextmanager
def connection(url: str) -> Iterator[Any]:
    with disposed(url) as engine, engine.begin() as connection:
        yield connection


@contextmanager
def session(url: str) -> Iterator[Any]:
    with disposed(url) as engine, Session(engine) as session, session.begin():
        yield session


@contextmanager
def scoped(url: str) -> Iterator[Any]:
    with disposed(url) as engine:
        registry = scoped_session(sessionmaker(engine))
        with registry.begin():
            yield registry
        registry.remove()


@asynccontextmanager
async def async_psycopg(url: str) -> AsyncIterator[Any]:
    async with await psycopg.AsyncConnection.connect(url) as connection:
        yield connection


@asynccontextmanager
async def async_connection(url: str) -> AsyncIterator[Any]:
    async with disposed_async(url) as engine, engine.begin() as connection:
        yield connection


@asynccontextmanager
async def async_session(url: str) -> AsyncIterator[Any]:
    async with disposed_async(url) as engine, AsyncSession(engine) as session, session.begin():
        yield session


SYNC = [psycopg_connection, psycopg_block, connection, session, scoped]
ASYNC = [async_psycopg, async_connection, async_session]


class GaveUp(Exception):
    pass


def job_ids(looking: psycopg.Connection) -> list[str]:
    return [row[0] for row in looking.execute("SELECT job_id FROM leeward_outbox ORDER BY id")]


@pytest.mark.parametrize("transaction", SYNC, ids=lambda one: one.__name__)
def test_a_row_comes_with_the_commit_and_not_before(
    transaction: Callable[[str], AbstractContextManager[Any]], shop_url: str, looking: psycopg.Connection
) -> None:
    with transaction(shop_url) as connection:
        added = [outbox.add(connection, JOB), *outbox.add_many(connection, [JOB, JOB])]
        assert job_ids(looking) == []

    assert job_ids(looking) == [one.job_id for one in added]


@pytest.mark.parametrize("transaction", SYNC, ids=lambda one: one.__name__)
def test_a_rollback_leaves_none(
    transaction: Callable[[str], AbstractContextManager[Any]], shop_url: str, looking: psycopg.Connection
) -> None:
    def write() -> None:
        with transaction(shop_url) as connection:
            outbox.add(connection, JOB)
            raise GaveUp

    with pytest.raises(GaveUp):
        write()
    assert job_ids(looking) == []


@pytest.mark.parametrize("transaction", ASYNC, ids=lambda one: one.__name__)
def test_a_row_of_an_event_loop_comes_with_the_commit_and_not_before(
    transaction: Callable[[str], AbstractAsyncContextManager[Any]], shop_url: str, looking: psycopg.Connection
) -> None:
    async def write() -> list[outbox.Added]:
        async with transaction(shop_url) as connection:
            added = [await outbox.add_async(connection, JOB), *await outbox.add_many_async(connection, [JOB])]
            assert job_ids(looking) == []
        return added

    assert [one.job_id for one in asyncio.run(write())] == job_ids(looking)


@pytest.mark.parametrize("transaction", ASYNC, ids=lambda one: one.__name__)
def test_a_rollback_of_an_event_loop_leaves_none(
    transaction: Callable[[str], AbstractAsyncContextManager[Any]], shop_url: str, looking: psycopg.Connection
) -> None:
    async def write() -> None:
        async with transaction(shop_url) as connection:
            await outbox.add_async(connection, JOB)
            raise GaveUp

    with pytest.raises(GaveUp):
        asyncio.run(write())
    assert job_ids(looking) == []


def test_a_connection_without_a_transaction_is_refused(shop_url: str, looking: psycopg.Connection) -> None:
    with pytest.raises(Invalid, match="begin a transaction"):
        outbox.add(looking, JOB)
    with (
        disposed(shop_url, isolation_level="AUTOCOMMIT") as engine,
        engine.connect() as connection,
        pytest.raises(Invalid, match="begin a transaction"),
    ):
        outbox.add(connection, JOB)

    assert job_ids(looking) == []


def test_the_wrong_call_for_a_connection_names_the_right_one(shop_url: str) -> None:
    async def with_the_other() -> None:
        async with async_session(shop_url) as session:
            with pytest.raises(Invalid, match=r"AsyncSession: use await outbox\.add_async"):
                outbox.add(session, JOB)
        with psycopg.connect(shop_url) as connection, pytest.raises(Invalid, match=r"use outbox\.add\("):
            await outbox.add_async(connection, JOB)  # type: ignore[arg-type]

    asyncio.run(with_the_other())


def test_what_is_no_connection_is_named() -> None:
    engine = create_engine("sqlite://")
    with pytest.raises(Invalid, match="this is sqlalchemy's Engine"):
        outbox.add(engine, JOB)  # type: ignore[arg-type]
    with engine.connect() as connection, pytest.raises(Invalid, match="one of sqlite"):
        outbox.add(connection, JOB)
    engine.dispose()
