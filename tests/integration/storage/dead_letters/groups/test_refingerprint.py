from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, select, update

from leeward import SyncUser
from storage.dead_letters.groups.refingerprint import fingerprint_batch
from storage.dead_letters.intake.insert import insert_many
from storage.dead_letters.triage.decisions import review
from storage.tables import dead_letter_groups, dead_letters
from tests.integration.storage.grouped import counted, failed, told
from tests.integration.storage.rows import failing_with, keep, letter, read
from tests.unit.storage.dead_letters.intake.dead_entries import message_of


def written_by_an_older_release(connection: Connection, *letters: Any, fingerprint: str | None = None) -> None:
    with connection.begin():
        insert_many(connection, letters)
        connection.execute(update(dead_letters).values(fingerprint=fingerprint, operation=None))


def fingerprints(connection: Connection) -> list[str | None]:
    with connection.begin():
        return list(connection.execute(select(dead_letters.c.fingerprint).order_by(dead_letters.c.id)).scalars())


@pytest.mark.parametrize("before", [None, "0123456789abcdef"])
def test_letters_without_a_fingerprint_of_this_rule_get_one(connection: Connection, before: str | None) -> None:
    letters = [failed(number, f"no user-{number}", tenant="a") for number in range(5)]
    written_by_an_older_release(connection, *letters, fingerprint=before)

    with connection.begin():
        assert [fingerprint_batch(connection, limit=3) for _ in range(3)] == [3, 2, 0]

    assert fingerprints(connection) == [each.failure.fingerprint for each in letters]
    assert read(connection, letters[0].id).operation == "create_user"
    with connection.begin():
        by_state, by_hour, by_tenant = told(connection)
        assert (by_state, by_hour, by_tenant) == counted(connection)


def test_nobody_has_decided_anything(connection: Connection) -> None:
    written_by_an_older_release(connection, failed(1))
    before = read(connection, failed(1).id)
    with connection.begin():
        fingerprint_batch(connection)
    after = read(connection, failed(1).id)

    assert (after.version, after.updated_at, after.state) == (before.version, before.updated_at, before.state)


def test_a_newer_rule_is_left_alone(connection: Connection) -> None:
    written_by_an_older_release(connection, failed(1), fingerprint="f123456789abcdef")

    with connection.begin():
        assert fingerprint_batch(connection) == 0


def test_many_share_the_work_and_nobody_waits(engine: Engine, connection: Connection) -> None:
    written_by_an_older_release(connection, *(failed(number) for number in range(120)))

    def work(_: int) -> int:
        done = 0
        with engine.connect() as own:
            while True:
                with own.begin():
                    batch = fingerprint_batch(own, limit=10)
                done += batch
                if not batch:
                    return done

    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(work, range(4)))
    with connection.begin():
        while rest := fingerprint_batch(connection):
            done.append(rest)

    assert sum(done) == 120
    assert None not in fingerprints(connection)


def test_a_letter_that_somebody_works_on_is_passed_over(engine: Engine, connection: Connection) -> None:
    written_by_an_older_release(connection, failed(1), failed(2))
    with engine.begin() as other:
        review(other, failed(1).id, 1, who="ada")
        with connection.begin():
            assert fingerprint_batch(connection) == 1

    with connection.begin():
        assert fingerprint_batch(connection) == 1


def test_what_an_older_release_did_not_know_for_a_secret_gets_into_no_group(connection: Connection) -> None:
    message = message_of(SyncUser(user="alice", password="hunter2hunter2"))
    id_ = keep(connection, letter(1, message=message, error=failing_with("AuthFailed", "hunter2hunter2 was refused")))[
        0
    ]
    said = {"type": "AuthFailed", "message": "hunter2hunter2 was refused"}
    with connection.begin():
        # As it was before the field counted as secret.
        connection.execute(update(dead_letters).values(fingerprint=None, error=said, message=message))
        fingerprint_batch(connection)
        messages = set(connection.execute(select(dead_letter_groups.c.message)).scalars())

    assert read(connection, id_).fingerprint
    assert messages == {"[redacted] was refused"}
