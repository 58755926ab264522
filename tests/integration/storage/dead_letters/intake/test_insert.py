import json

import pytest
from sqlalchemy import Connection, func, select

from leeward import SyncUser
from leeward.jobs.dead_reason import DeadReason
from storage.dead_letters.audit import EventKind
from storage.dead_letters.intake.insert import insert_many
from storage.dead_letters.state import State
from storage.tables import dead_letters
from tests.integration.storage.rows import events, keep, letter, read
from tests.unit.storage.dead_letters.intake.dead_entries import message_of


def count(connection: Connection) -> int:
    with connection.begin():
        return connection.execute(select(func.count()).select_from(dead_letters)).scalar_one()


def test_a_dead_letter_is_read_back_as_it_was_written(connection: Connection) -> None:
    written = letter(1, error=json.dumps({"type": "Transient", "message": "503", "status": 503}))

    (id_,) = keep(connection, written)

    found = read(connection, id_)
    assert found.state is State.FAILED
    assert (found.version, found.generation) == (1, 0)
    for name in (
        "id",
        "outbox_id",
        "job_id",
        "queue",
        "message",
        "payload",
        "options",
        "error",
        "died_at",
        "enqueued_at",
    ):
        assert getattr(found, name) == getattr(written, name), name


def test_the_same_entry_is_one_row_however_often_it_comes(connection: Connection) -> None:
    with connection.begin():
        assert insert_many(connection, [letter(1), letter(2), letter(1)]) == 2
    with connection.begin():
        assert insert_many(connection, [letter(2), letter(3)]) == 1

    assert count(connection) == 3


def test_a_thousand_and_more_go_in_at_once(connection: Connection) -> None:
    with connection.begin():
        assert insert_many(connection, [letter(number) for number in range(2_500)]) == 2_500

    assert count(connection) == 2_500


@pytest.mark.parametrize("reason", DeadReason)
def test_every_reason_can_be_stored(connection: Connection, reason: DeadReason) -> None:
    (id_,) = keep(connection, letter(1, reason=reason.value))

    assert read(connection, id_).reason is reason


def test_a_replay_that_died_again_is_tied_to_its_parent_once(connection: Connection) -> None:
    (parent,) = keep(connection, letter(1))
    again = letter(2, message=message_of(options={"replay_of": str(parent)}, message_id="second-try"))

    keep(connection, again)
    keep(connection, again)

    assert (read(connection, again.id).replay_of, read(connection, again.id).generation) == (parent, 1)
    (event,) = events(connection, parent)
    assert event.event is EventKind.DEAD_AGAIN
    assert event.detail["dead_letter"] == str(again.id)
    assert event.detail["job"] == "second-try"


def test_a_replay_of_a_dead_letter_that_is_gone_is_kept_without_a_parent(connection: Connection) -> None:
    message = message_of(options={"replay_of": "01920000-0000-7000-8000-000000000001"})

    (id_,) = keep(connection, letter(1, message=message))

    assert read(connection, id_).replay_of is None


def test_hostile_text_is_stored_and_comes_back_visible(connection: Connection) -> None:
    error = {"type": "E\x00", "message": "nul \x00, half \ud800, <script>, \x1b[31m, '; DROP TABLE dead_letters; --"}
    message = message_of(kwargs={"payload": {"user": "a\x00b", "deep\x00": [float("nan"), 10**40], "half": "\udfff"}})

    (id_,) = keep(connection, letter(1, message=message, error=json.dumps(error), worker="w\x00"))

    found = read(connection, id_)
    assert found.error_type == "E\\u0000"
    assert found.error_message is not None
    assert found.error_message.startswith("nul \\u0000, half \\ud800, <script>, \x1b[31m, ';")
    assert found.payload == {"user": "a\\u0000b", "deep\\u0000": ["nan", hex(10**40)], "half": "\\udfff"}
    assert found.worker == "w\\u0000"
    assert found.message == message


def test_bytes_that_are_no_message_come_back_byte_for_byte(connection: Connection) -> None:
    raw = bytes(range(256)) * 3

    (id_,) = keep(connection, letter(1, message=raw, reason="undecodable"))

    found = read(connection, id_)
    assert found.message == raw
    assert (found.payload, found.options) == (None, None)


def test_a_message_of_50_megabytes_is_kept(connection: Connection) -> None:
    message = message_of(kwargs={"payload": {"user": "x" * 50_000_000}})

    (id_,) = keep(connection, letter(1, message=message))

    found = read(connection, id_)
    assert found.message == message
    assert "[cut: 50,000,000 characters in all]" in found.payload["user"]


def test_no_secret_reaches_the_database(connection: Connection) -> None:
    job = SyncUser.model_validate({"user": "alice", "password": "correct horse"})
    error = json.dumps({"type": "Permanent", "message": "correct horse", "traceback": "correct horse"})
    keep(connection, letter(1, message=message_of(job, options={"errors": ["correct horse"]}), error=error))

    with connection.begin():
        row = connection.execute(select(dead_letters)).one()

    assert b"correct horse" not in row.message
    assert "correct horse" not in repr(row)
    assert row.payload["password"] == "[redacted]"
