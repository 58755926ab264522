import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, Engine, inspect, text
from sqlalchemy.exc import OperationalError

from storage.database import migrate, revisions
from storage.database.engine import create_engine
from storage.tables import dead_letters

REVISIONS = ["0001", "0002", "0003", "0004", "0005", "0006", "0007", "0008", "0009", "0010", "0011"]


@pytest.fixture
def empty(empty_database_url: str) -> Iterator[Engine]:
    engine = create_engine(empty_database_url)
    yield engine
    engine.dispose()


def names(engine: Engine) -> set[str]:
    """Whatever the migrations made: tables, and functions of ours."""
    with engine.connect() as connection:
        functions = connection.execute(text("SELECT proname FROM pg_proc WHERE proname LIKE 'leeward%'")).scalars()
        return {*inspect(connection).get_table_names(), *functions} - {"alembic_version"}


def difference(engine: Engine) -> list[Any]:
    """Between the database and `storage.tables`."""
    options = {"compare_type": True, "compare_server_default": True, "include_object": is_no_partition}
    with engine.connect() as connection:
        return list(compare_metadata(MigrationContext.configure(connection, opts=options), dead_letters.metadata))


def is_no_partition(_: object, name: str | None, kind: str, *__: object) -> bool:
    """Partitions are made and dropped as time goes by; `storage.tables` names none."""
    return kind != "table" or name not in {"dead_letters_first", "dead_letters_rest"}


def test_the_migrations_make_what_the_tables_say(empty: Engine, empty_database_url: str) -> None:
    migrate.upgrade(empty_database_url)

    assert difference(empty) == []


def test_each_migration_can_be_taken_back_and_applied_again(empty: Engine, empty_database_url: str) -> None:
    states = [names(empty)]
    for revision in REVISIONS:
        migrate.upgrade(empty_database_url, revision)
        states.append(names(empty))
    assert states[0] == set()
    partitions = {"dead_letters_first", "dead_letters_rest"}
    functions = {"leeward_append_only", "leeward_count_insert", "leeward_count_update", "leeward_count_delete"}
    functions |= {"leeward_words"}
    assert states[-1] == dead_letters.metadata.tables.keys() | partitions | functions

    for revision, state in zip(["base", *REVISIONS][-2::-1], states[-2::-1], strict=True):
        migrate.downgrade(empty_database_url, revision)
        assert names(empty) == state

    migrate.upgrade(empty_database_url)
    assert names(empty) == states[-1]


def test_pending_lists_what_an_upgrade_would_apply(empty_database_url: str) -> None:
    assert revisions.pending(empty_database_url) == REVISIONS

    migrate.upgrade(empty_database_url, "0001")
    assert revisions.pending(empty_database_url) == REVISIONS[1:]

    migrate.upgrade(empty_database_url)
    assert revisions.pending(empty_database_url) == []


def test_any_number_may_upgrade_at_once(empty: Engine, empty_database_url: str) -> None:
    together = threading.Barrier(4)

    def upgrade() -> None:
        together.wait()
        migrate.upgrade(empty_database_url)

    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(upgrade) for _ in range(4)]:
            done.result()

    assert revisions.pending(empty_database_url) == []
    with empty.connect() as connection:
        locks = connection.execute(text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'")).scalar()
    assert locks == 0


def test_a_database_of_a_newer_release_is_left_alone(empty: Engine, empty_database_url: str) -> None:
    migrate.upgrade(empty_database_url)
    with empty.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    for refused in (migrate.upgrade, revisions.pending):
        with pytest.raises(revisions.UnknownRevision, match=r"9999.*install the one that made it, or a newer one"):
            refused(empty_database_url)


def test_a_server_that_is_away_is_told_as_such() -> None:
    with pytest.raises(OperationalError):
        revisions.pending("postgresql://leeward:secret@127.0.0.1:9/leeward")


def test_what_was_only_asked_for_is_confirmed_by_nobody_and_can_be_taken_back(
    empty: Engine, empty_database_url: str
) -> None:
    """Beside workers of the release before, which go on writing `expired`."""
    migrate.upgrade(empty_database_url, "0006")
    insert = "INSERT INTO accounts (provider, user_name, expires_at, state) VALUES ('jellyfin', :user, now(), :state)"
    with empty.begin() as connection:
        connection.execute(text(insert), [{"user": state, "state": state} for state in ("active", "expired")])

    migrate.upgrade(empty_database_url, "0007")
    with empty.begin() as connection:
        connection.execute(text(insert), {"user": "old worker", "state": "expired"})
        connection.execute(text(insert), {"user": "done", "state": "disabled"})
        connection.execute(text("UPDATE accounts SET confirmed_at = expires_at WHERE state = 'disabled'"))
        states = _states(connection)
    assert states == {"active": "active", "expired": "expiring", "old worker": "expired", "done": "disabled"}

    migrate.downgrade(empty_database_url, "0006")
    with empty.begin() as connection:
        states = _states(connection)
    assert states == {"active": "active", "expired": "active", "old worker": "expired", "done": "expired"}


def _states(connection: Connection) -> dict[str, str]:
    rows = connection.execute(text("SELECT user_name, state FROM accounts"))
    return {row.user_name: row.state for row in rows}
