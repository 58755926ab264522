from datetime import timedelta

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DataError

from storage.database.engine import create_engine
from workers.embedded import EmbeddedPostgres


def test_times_come_back_in_utc(engine: Engine) -> None:
    with engine.connect() as connection:
        now = connection.execute(text("SELECT now()")).scalar_one()

    assert now.utcoffset() == timedelta(0)


def test_an_error_does_not_show_what_was_being_written(engine: Engine) -> None:
    with engine.connect() as connection, pytest.raises(DataError) as raised:
        connection.execute(text("SELECT length(:secret), 1 / 0"), {"secret": "correct horse"})

    assert "correct horse" not in str(raised.value)


def test_a_restarted_server_is_noticed_before_a_query_fails(own_postgres: EmbeddedPostgres) -> None:
    engine = create_engine(own_postgres.url)
    with engine.connect() as connection:
        before = connection.execute(text("SELECT pg_backend_pid()")).scalar()
    own_postgres.kill()
    own_postgres.start()

    with engine.connect() as connection:
        after = connection.execute(text("SELECT pg_backend_pid()")).scalar()

    assert before != after
    engine.dispose()
