"""A PostgreSQL that turns read-only and back, and databases that do not fit."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, make_url, text
from sqlalchemy.exc import DBAPIError, InternalError

from storage.database.engine import create_engine
from storage.database.fitness import UnfitDatabase
from storage.database.migrate import upgrade
from storage.database.revisions import pending
from tests.support.servers import execute
from workers.embedded import EmbeddedPostgres


@pytest.fixture
def engine(postgres_server: EmbeddedPostgres) -> Iterator[Engine]:
    engine = create_engine(postgres_server.url)
    yield engine
    engine.dispose()


def process(engine: Engine) -> int:
    with engine.connect() as connection:
        return int(connection.execute(text("SELECT pg_backend_pid()")).scalar_one())


def write(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(
            text("INSERT INTO dead_letter_changes (fingerprint, state, letters) VALUES ('x', 'failed', 1)")
        )


def read_only(url: str, engine: Engine, *, on: bool) -> None:
    name = make_url(url).database
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"ALTER DATABASE {name} SET default_transaction_read_only = {'on' if on else 'off'}"))


def test_connections_to_a_server_that_refuses_writes_are_dropped(database_url: str) -> None:
    engine, steering = create_engine(database_url), create_engine(database_url, pool_size=0)
    with engine.connect(), engine.connect():
        pass  # two in the pool
    read_only(database_url, steering, on=True)
    refused = create_engine(database_url)
    process(refused)
    with pytest.raises(InternalError, match="read-only") as raised:
        write(refused)
    read_only(
        database_url,
        create_engine(database_url + "?options=-cdefault_transaction_read_only%3Doff", pool_size=0),
        on=False,
    )

    assert raised.value.connection_invalidated
    write(refused)
    write(engine)
    for one in (engine, steering, refused):
        one.dispose()


@pytest.mark.parametrize("sqlstate", ["25006", "57P01", "57P02", "57P03", "57P05", "25P03", "08006", "08003", "08P01"])
def test_an_answer_that_the_server_is_not_what_it_was_drops_every_connection(engine: Engine, sqlstate: str) -> None:
    before = process(engine)

    with pytest.raises(DBAPIError) as raised, engine.begin() as connection:
        connection.execute(text(f"DO $$ BEGIN RAISE EXCEPTION 'changed' USING ERRCODE = '{sqlstate}'; END $$"))

    assert raised.value.connection_invalidated
    assert process(engine) != before


@pytest.mark.parametrize("sqlstate", ["22012", "23505", "40001", "40P01", "42P01", "53200", "55P03", "57014", "P0001"])
def test_any_other_answer_keeps_the_connection(engine: Engine, sqlstate: str) -> None:
    before = process(engine)

    with pytest.raises(DBAPIError) as raised, engine.begin() as connection:
        connection.execute(text(f"DO $$ BEGIN RAISE EXCEPTION 'refused' USING ERRCODE = '{sqlstate}'; END $$"))

    assert not raised.value.connection_invalidated
    assert process(engine) == before


def test_a_connection_whose_server_has_become_a_standby_is_replaced(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = process(engine)
    monkeypatch.setattr("storage.database.writable._is_in_recovery", lambda _: True)

    assert process(engine) != before


OPTIONS = [
    "-csearch_path%3Dlee",
    "-c%20search_path%3Dlee",
    "--search_path%3Dlee",
    "--search-path%3Dlee",
    "-c%20search_path%3Dlee%20-c%20work_mem%3D8MB",
    "-c%20work_mem%3D8MB%20--search_path%3Dlee",
    "-c%20timezone%3DEurope/Berlin%20-csearch_path%3Dlee",
    "-csearch_path%3Dlee&application_name=mine",
    "-csearch_path%3Dlee&connect_timeout=9",
    "-csearch_path%3Dlee&keepalives_idle=3",
    "-cwork_mem%3D8MB&options=-csearch_path%3Dlee",
]


@pytest.mark.parametrize("options", OPTIONS)
def test_the_options_of_the_url_stay_beside_ours(postgres_server: EmbeddedPostgres, options: str) -> None:
    engine = create_engine(f"{postgres_server.url}?options={options}")
    with engine.connect() as connection:
        path = connection.execute(text("SHOW search_path")).scalar_one()
        zone = connection.execute(text("SHOW timezone")).scalar_one()

    assert (path, zone) == ("lee", "UTC")
    engine.dispose()


def test_migrations_go_where_the_url_says(empty_database_url: str) -> None:
    url = f"{empty_database_url}?options=-csearch_path%3Dlee"
    execute(empty_database_url, "CREATE SCHEMA lee")

    upgrade(url)

    assert pending(url) == []
    assert pending(empty_database_url) != []
    engine = create_engine(url)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM lee.dead_letters")).scalar_one() == 0
        assert connection.execute(text("SELECT count(*) FROM dead_letters")).scalar_one() == 0
    engine.dispose()


ENCODINGS = ["SQL_ASCII", "LATIN1", "LATIN2", "LATIN9", "WIN1252", "WIN1251", "KOI8R", "EUC_JP", "EUC_KR", "ISO_8859_5"]


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_database_that_cannot_hold_every_text_is_refused(postgres_server: EmbeddedPostgres, encoding: str) -> None:
    name = f"encoded_{encoding.lower()}"
    execute(postgres_server.url, f"CREATE DATABASE {name} ENCODING '{encoding}' TEMPLATE template0 LOCALE 'C'")
    url = make_url(postgres_server.url).set(database=name).render_as_string(hide_password=False)
    engine = create_engine(url)
    try:
        for use in (lambda: process(engine), lambda: upgrade(url), lambda: pending(url)):
            with pytest.raises(UnfitDatabase, match="createdb --encoding=UTF8"):
                use()
    finally:
        engine.dispose()
        execute(postgres_server.url, f"DROP DATABASE {name} WITH (FORCE)")
