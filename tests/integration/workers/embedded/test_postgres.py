"""The embedded PostgreSQL keeps what was committed."""

import os
from pathlib import Path

import psycopg
import pytest

from tests.support.servers import FAST_POSTGRES
from workers.embedded import EmbeddedPostgres, ServerDidNotStart


def test_committed_rows_survive_a_kill_and_the_address_stays(own_postgres: EmbeddedPostgres) -> None:
    url = own_postgres.url
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT generate_series(1, 500) AS number")
    with psycopg.connect(url) as held_open:  # a backend of the killed server that must not stop the next one
        own_postgres.kill()
        own_postgres.start()
        held_open.close()

    assert own_postgres.url == url
    assert count(url) == 500


def test_a_restart_keeps_rows_and_address(own_postgres: EmbeddedPostgres) -> None:
    url, first = own_postgres.url, own_postgres.pid
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT generate_series(1, 5) AS number")

    own_postgres.restart()

    assert own_postgres.url == url
    assert own_postgres.pid not in {None, first}
    assert count(url) == 5


def test_a_wrong_password_is_refused(postgres_server: EmbeddedPostgres) -> None:
    password = (postgres_server.directory / "password").read_text()

    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(postgres_server.url.replace(password, "wrong"))


def test_a_crash_whose_process_id_is_someone_elses_now_does_not_stop_the_start(own_postgres: EmbeddedPostgres) -> None:
    own_postgres.kill()
    leftover = own_postgres.directory / "data" / "postmaster.pid"
    lines = leftover.read_text().splitlines(keepends=True)
    leftover.write_text("".join([f"{os.getpid()}\n", *lines[1:]]))

    own_postgres.start()

    with psycopg.connect(own_postgres.url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_a_half_made_data_directory_is_made_anew(tmp_path: Path) -> None:
    directory = tmp_path / "post gres"
    (directory / "data.unfinished" / "base").mkdir(parents=True)
    server = EmbeddedPostgres(directory, options=FAST_POSTGRES)
    server.start()
    try:
        with psycopg.connect(server.url) as connection:
            assert connection.execute("SELECT current_database()").fetchone() == ("leeward",)
    finally:
        server.stop()


def test_a_path_longer_than_a_socket_address_works(tmp_path: Path) -> None:
    server = EmbeddedPostgres(tmp_path / ("long " * 20).strip() / ("longer " * 10).strip(), options=FAST_POSTGRES)
    server.start()
    try:
        with psycopg.connect(server.url) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
    finally:
        server.stop()


def test_an_option_that_the_server_refuses_is_reported_with_its_log(tmp_path: Path) -> None:
    server = EmbeddedPostgres(tmp_path / "refused", options={"no_such_option": "1"})

    with pytest.raises(ServerDidNotStart, match="no_such_option"):
        server.start()


def count(url: str) -> int:
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT count(*) FROM kept").fetchone()
    assert row is not None
    return int(row[0])
