"""`leeward check` and servers that do not fit: one problem each, with what to do."""

from collections.abc import Callable

import pytest
import redis
from sqlalchemy import make_url

from leeward_admin.checks import Verdict, run_checks
from storage.database.migrate import upgrade
from tests.support.infrastructure.failover import Pair, pair_of_valkeys
from tests.support.infrastructure.pgbouncer import PROGRAM, pgbouncer
from tests.support.servers import execute
from workers.embedded import EmbeddedPostgres
from workers.settings.settings import Settings


def problems(**variables: str) -> list[str]:
    settings = Settings.load({f"LEEWARD_{name}": text for name, text in variables.items()})
    return [f"{check.name}: {check.detail}" for check in run_checks(settings) if check.verdict is Verdict.PROBLEM]


def at(url: str, name: str) -> str:
    return make_url(url).set(database=name).render_as_string(hide_password=False)


def read_only(url: str) -> str:
    execute(url, f"ALTER DATABASE {make_url(url).database} SET default_transaction_read_only = on")
    return url


def older(url: str) -> str:
    execute(url, "UPDATE alembic_version SET version_num = '0003'")
    return url


def newer(url: str) -> str:
    execute(url, "UPDATE alembic_version SET version_num = '9999'")
    return url


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (read_only, "postgresql writes: it takes no writes"),
        (older, "to apply"),
        (newer, "This release does not know that schema revision"),
        (lambda url: at(url, "nobody_made_it"), "does not exist"),
        (lambda url: f"{url}?options=-cno_such_setting%3D1", "no_such_setting"),
    ],
    ids=["read-only", "not migrated", "newer", "no database", "no such setting"],
)
def test_a_database_that_does_not_fit_is_one_problem(
    database_url: str, change: Callable[[str], str], said: str
) -> None:
    (problem,) = problems(DATABASE_URL=change(database_url))

    assert said in problem


@pytest.mark.parametrize("encoding", ["SQL_ASCII", "LATIN1"])
def test_a_database_of_another_encoding_is_one_problem(postgres_server: EmbeddedPostgres, encoding: str) -> None:
    name = f"checked_{encoding.lower()}"
    execute(postgres_server.url, f"CREATE DATABASE {name} ENCODING '{encoding}' TEMPLATE template0 LOCALE 'C'")
    try:
        (problem,) = problems(DATABASE_URL=at(postgres_server.url, name))
    finally:
        execute(postgres_server.url, f"DROP DATABASE {name}")

    assert encoding in problem
    assert "createdb --encoding=UTF8" in problem


@pytest.mark.skipif(PROGRAM is None, reason="needs PgBouncer (Debian's pgbouncer)")
def test_a_pooler_of_transactions_is_one_problem(postgres_server: EmbeddedPostgres, database_url: str) -> None:
    with pgbouncer(postgres_server.url, mode="transaction") as pooler:
        (problem,) = problems(DATABASE_URL=at(pooler, str(make_url(database_url).database)))

    assert "pool_mode=transaction" in problem
    assert "lead to PostgreSQL itself" in problem


def test_a_replica_is_one_problem() -> None:
    pair: Pair
    with pair_of_valkeys() as pair:
        host = pair.replica.connection_pool.connection_kwargs
        url = f"redis://:{host['password']}@{host['host']}:{host['port']}/0"
        (problem,) = problems(VALKEY_URL=url)

    assert problem.startswith("valkey role: it is a replica")


def test_servers_that_fit_are_no_problem(valkey: redis.Redis, valkey_url: str, empty_database_url: str) -> None:
    upgrade(empty_database_url)

    assert problems(VALKEY_URL=valkey_url, DATABASE_URL=empty_database_url) == []
