from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Connection, Engine, text

from leeward import SendEmail, SyncUser
from leeward.record import Origin, PublishedKind
from storage.job_kinds import read_kinds, stored_kinds, write_kinds
from tests.unit.leeward.record.every_type import EveryType

KIND = PublishedKind.of(EveryType, Origin(extension="acme", packages=("leeward_acme",)))


def test_a_kind_is_read_as_it_was_written(connection: Connection) -> None:
    write_kinds(connection, [KIND, PublishedKind.of(SyncUser)])
    assert sorted(read_kinds(connection), key=lambda kind: kind.name) == [KIND, PublishedKind.of(SyncUser)]


def test_a_description_is_replaced_and_its_secrets_only_grow(connection: Connection) -> None:
    write_kinds(connection, [KIND.model_copy(update={"secrets": ("gone", "password")})])
    write_kinds(connection, [KIND.model_copy(update={"secrets": ("login.token",), "release": "2"})])
    (kind,) = read_kinds(connection)
    assert (kind.release, kind.secrets) == ("2", ("gone", "login.token", "password"))


def test_a_kind_without_secrets_stays_without(connection: Connection) -> None:
    for _ in range(2):
        write_kinds(connection, [PublishedKind.of(SendEmail)])
    assert read_kinds(connection)[0].secrets == ()


def test_what_a_newer_release_wrote_hides_nothing_else(connection: Connection) -> None:
    write_kinds(connection, [KIND])
    connection.execute(text("INSERT INTO job_kinds VALUES ('odd', 1, '{\"mood\": 1}')"))
    assert read_kinds(connection) == [KIND]


def test_two_drainers_may_write_the_same_kinds_at_once(engine: Engine) -> None:
    kinds = [KIND, PublishedKind.of(SyncUser), PublishedKind.of(SendEmail)]

    def write(turn: int) -> None:
        with engine.begin() as connection:
            write_kinds(connection, kinds if turn % 2 else kinds[::-1])

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(write, range(20)))
    assert len(stored_kinds(engine)) == 3


@pytest.mark.usefixtures("database_url")
def test_before_the_migration_nothing_is_known(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE job_kinds"))
    assert stored_kinds(engine) == []
