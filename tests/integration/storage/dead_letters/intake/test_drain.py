from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, select, text
from sqlalchemy.exc import OperationalError, ProgrammingError

from leeward import SyncUser
from storage.dead_letters.intake.drain import drain
from storage.dead_letters.state import State
from storage.tables import dead_letters
from tests.integration.storage.rows import claimed, read
from tests.unit.storage.dead_letters.intake.dead_entries import DIED_AT_MS, dead_fields, message_of, recovered_fields

# An entry that the database refuses. Its bare bytes have no actor, so that a refusal by actor lets them pass.
POISON = """
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.{column} = '{value}' THEN RAISE EXCEPTION 'poisoned' USING ERRCODE = '{sqlstate}'; END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER refuse BEFORE INSERT ON dead_letters FOR EACH ROW EXECUTE FUNCTION refuse();
"""


def poison(connection: Connection, *, column: str, value: str, sqlstate: str) -> None:
    with connection.begin():
        connection.execute(text(POISON.format(column=column, value=value, sqlstate=sqlstate)))


def entry(number: int, **envelope: Any) -> tuple[str, dict[bytes, bytes]]:
    message = message_of(SyncUser(user=f"user-{number}"), message_id=f"job-{number}", **envelope)
    return f"{DIED_AT_MS + number}-0", dead_fields(message, died_at=str(DIED_AT_MS + number))


def ids(entries: Sequence[tuple[str, Any]]) -> list[str]:
    return [id_ for id_, _ in entries]


def jobs(connection: Connection) -> list[str]:
    with connection.begin():
        return list(connection.execute(select(dead_letters.c.job_id).order_by(dead_letters.c.id)).scalars())


def test_a_batch_is_written_once_however_often_it_comes(connection: Connection) -> None:
    entries = [entry(number) for number in range(30)]

    assert drain(connection, "jellyfin", entries[:20]) == ids(entries[:20])
    assert drain(connection, "jellyfin", entries) == ids(entries)

    assert jobs(connection) == [f"job-{number}" for number in range(30)]


def test_nothing_to_drain_is_nothing_done(connection: Connection) -> None:
    assert drain(connection, "jellyfin", []) == []


def test_two_drainers_at_once_write_each_entry_once(engine: Engine, connection: Connection) -> None:
    entries = [entry(number) for number in range(200)]

    def drain_all(_: int) -> None:
        with engine.connect() as own:
            for start in range(0, 200, 20):
                part = entries[start : start + 20]
                assert drain(own, "jellyfin", part) == ids(part)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(drain_all, range(2)))

    assert len(jobs(connection)) == 200


def test_a_recovery_in_the_outbox_ends_its_dead_letter(connection: Connection) -> None:
    drain(connection, "jellyfin", [entry(1)])
    with connection.begin():
        id_ = connection.execute(select(dead_letters.c.id)).scalar_one()
    claim = claimed(connection, id_)
    recovered = ("1790000009999-0", recovered_fields(claim.dead_letter_id, claim.job_id))

    assert drain(connection, "jellyfin", [recovered, entry(2), recovered]) == [recovered[0], entry(2)[0], recovered[0]]

    assert read(connection, claim.dead_letter_id).state is State.RECOVERED


@pytest.mark.parametrize("nonsense", ["", "not an id", "01920000-0000-7000-8000-000000000001"])
def test_a_recovery_of_nothing_does_not_stay_in_the_outbox(connection: Connection, nonsense: str) -> None:
    assert drain(connection, "jellyfin", [("1-0", recovered_fields(nonsense))]) == ["1-0"]


def test_an_entry_of_a_newer_release_is_kept_as_its_bytes(connection: Connection) -> None:
    newer = ("1790000000005-0", {b"kind": b"archived", b"what": b"\xff\x00", b"password": b"x"})
    odd = ("1790000000006-0", dead_fields(reason="bored"))

    assert drain(connection, "jellyfin", [newer, entry(1), odd]) == [newer[0], entry(1)[0], odd[0]]

    with connection.begin():
        rows = {row.outbox_id: row for row in connection.execute(select(dead_letters))}
    kept = rows["jellyfin/1790000000005-0"]
    assert (kept.reason, kept.error_type) == ("undecodable", "UnreadableEntry")
    assert b"archived" in kept.message
    assert rows["jellyfin/1790000000006-0"].message == odd[1][b"message"]


def test_a_poisonous_entry_is_kept_as_its_bytes_and_stops_nobody(connection: Connection) -> None:
    entries = [entry(0), entry(1, actor_name="poison"), entry(2)]
    poison(connection, column="actor", value="poison", sqlstate="22000")

    assert drain(connection, "jellyfin", entries) == ids(entries)

    assert jobs(connection) == ["job-0", "job-1", "job-2"]
    with connection.begin():
        row = connection.execute(select(dead_letters).where(dead_letters.c.job_id == "job-1")).one()
    assert (row.actor, row.payload, row.error_type) == ("", None, "UnreadableEntry")
    assert row.message == entries[1][1][b"message"]
    assert "poisoned" in row.error_message
    assert row.replay_refusal is not None


def test_an_entry_that_cannot_be_stored_at_all_stays_and_stops_nobody(connection: Connection) -> None:
    entries = [entry(0), entry(1), entry(2)]
    poison(connection, column="job_id", value="job-1", sqlstate="22000")

    assert drain(connection, "jellyfin", entries) == [entries[0][0], entries[2][0]]

    assert jobs(connection) == ["job-0", "job-2"]


def test_a_passing_trouble_does_not_cost_an_entry_its_details(connection: Connection) -> None:
    poison(connection, column="actor", value="sync.user", sqlstate="53100")  # disk full

    with pytest.raises(OperationalError, match="poisoned"):
        drain(connection, "jellyfin", [entry(0), entry(1)])

    assert jobs(connection) == []


def test_a_database_without_tables_is_an_error_and_loses_nothing(connection: Connection) -> None:
    with connection.begin():
        connection.execute(text("DROP TABLE dead_letters"))

    with pytest.raises(ProgrammingError, match="dead_letters"):
        drain(connection, "jellyfin", [entry(0)])


def test_a_lost_connection_is_an_error(engine: Engine, connection: Connection) -> None:
    with connection.begin():
        pid = connection.execute(text("SELECT pg_backend_pid()")).scalar()
    with engine.begin() as other:
        other.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})

    with pytest.raises(OperationalError):
        drain(connection, "jellyfin", [entry(0)])
