import json
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Connection

from leeward import DownloadFile, SyncUser
from leeward.jobs.canonical import fingerprint
from leeward.jobs.secret import REDACTED
from storage.dead_letters.audit import EventKind
from storage.dead_letters.letter.document import document
from storage.dead_letters.triage.correction import InvalidCorrection
from storage.dead_letters.triage.decisions import DeadLetterChanged, ImpossibleStep, discard
from storage.dead_letters.triage.editing import edit, editable_payload, undo_edit
from tests.integration.storage.rows import events, keep, letter, read
from tests.unit.storage.dead_letters.intake.dead_entries import message_of

RIGHT = {"user": "alicia", "provider": "jellyfin", "state": "enabled"}


@pytest.fixture
def id_(connection: Connection) -> UUID:
    options = {"idempotency_key": "invite-17", "fingerprint": "of the wrong one"}
    return keep(connection, letter(1, message=message_of(SyncUser(user="alice"), options=options)))[0]


def change(connection: Connection, id_: UUID, version: int, payload: object) -> None:
    with connection.begin():
        edit(connection, id_, version, who="ada", payload=payload)


def sent(message: bytes | None) -> Any:
    assert message is not None
    return json.loads(message)


def test_a_correction_stands_beside_what_the_job_died_with(connection: Connection, id_: UUID) -> None:
    before = read(connection, id_)

    change(connection, id_, 1, RIGHT)

    after = read(connection, id_)
    assert (after.message, after.payload) == (before.message, before.payload)
    assert after.edited_payload == RIGHT
    assert sent(after.edited_message)["kwargs"] == {"payload": RIGHT}
    shown = document(after)
    assert (shown["payload"]["user"], shown["edited_payload"]["user"]) == ("alice", "alicia")


def test_the_corrected_message_keeps_its_key_and_has_the_fingerprint_of_its_payload(
    connection: Connection, id_: UUID
) -> None:
    change(connection, id_, 1, RIGHT)

    options = sent(read(connection, id_).edited_message)["options"]
    assert options["idempotency_key"] == "invite-17"
    assert options["fingerprint"] == fingerprint("sync.user", RIGHT)


def test_the_audit_says_what_was_changed_and_nothing_else(connection: Connection, id_: UUID) -> None:
    change(connection, id_, 1, RIGHT)
    change(connection, id_, 2, RIGHT | {"state": "disabled"})

    first, second = events(connection, id_)
    assert (first.event, first.who) == (EventKind.EDITED, "ada")
    assert first.detail == {"before": {"user": "alice"}, "after": {"user": "alicia"}}
    assert second.detail == {"before": {"state": "enabled"}, "after": {"state": "disabled"}}


def test_an_edit_is_undone(connection: Connection, id_: UUID) -> None:
    change(connection, id_, 1, RIGHT)

    with connection.begin():
        undone = undo_edit(connection, id_, 2, who="grace")

    after = read(connection, id_)
    assert (after.edited_message, after.edited_payload, undone.version) == (None, None, 3)
    assert events(connection, id_)[-1].detail == {
        "undone": True,
        "before": {"user": "alicia"},
        "after": {"user": "alice"},
    }
    with pytest.raises(InvalidCorrection, match="nothing to undo"), connection.begin():
        undo_edit(connection, id_, 3, who="grace")


def test_of_two_who_edit_the_second_is_told_who_was_first_and_what_they_did(connection: Connection, id_: UUID) -> None:
    change(connection, id_, 1, RIGHT)

    with pytest.raises(DeadLetterChanged, match=r"ada: edited") as raised, connection.begin():
        edit(connection, id_, 1, who="grace", payload=RIGHT | {"user": "alex"})

    assert raised.value.last is not None
    assert raised.value.last.who == "ada"
    assert read(connection, id_).edited_payload == RIGHT


@pytest.mark.parametrize(
    ("payload", "advice"),
    [
        ({"provider": "jellyfin"}, "user: Field required"),
        ({"usr": "alicia-the-secret", "provider": "jellyfin", "user": "a"}, "usr: no such field, did you mean user"),
        (RIGHT | {"state": "asleep-the-secret"}, "state: "),
        (RIGHT | {"provider": "emby"}, "for another provider enqueue a job of its own"),
        (RIGHT | {"password": "the-secret"}, "there is no place to keep that"),
        (RIGHT | {"password": REDACTED}, r"still lacks one \(password\)"),
        (["no object", "the-secret"], "payload: "),
    ],
)  # fmt: skip
def test_what_cannot_be_this_jobs_payload_is_refused_by_field_without_a_value(
    connection: Connection, id_: UUID, payload: object, advice: str
) -> None:
    with pytest.raises(InvalidCorrection, match=advice) as raised:
        change(connection, id_, 1, payload)

    assert "the-secret" not in str(raised.value)
    assert read(connection, id_).edited_message is None
    assert events(connection, id_) == []


@pytest.fixture
def lost(connection: Connection) -> UUID:
    """A letter whose URL lost its password and its token."""
    job = DownloadFile.model_validate(
        {"url": "https://user:urlpass99@files.example/x?token=queryt0ken", "destination": "x"}
    )
    return keep(connection, letter(1, message=message_of(job)))[0]


def test_a_letter_that_lost_a_secret_becomes_whole_by_an_edit_without_one(connection: Connection, lost: UUID) -> None:
    assert "set url again" in (read(connection, lost).replay_refusal or "")
    payload = editable_payload(read(connection, lost))
    assert payload["url"] == f"https://{REDACTED}@files.example/x?token={REDACTED}"

    change(connection, lost, 1, payload | {"url": "https://mirror.example/x"})

    after = read(connection, lost)
    assert after.replay_refusal is None
    assert sent(after.edited_message)["kwargs"]["payload"]["url"] == "https://mirror.example/x"


def test_a_secret_that_an_edit_sets_is_handed_over_and_not_written_down(connection: Connection, lost: UUID) -> None:
    held: list[tuple[str, UUID, bytes]] = []
    payload = editable_payload(read(connection, lost)) | {"url": "https://files.example/x?token=freshtoken"}

    with connection.begin():
        edit(connection, lost, 1, who="ada", payload=payload, keep_secret=lambda *given: held.append(given))

    ((provider, id_, message),) = held
    assert (provider, id_) == ("jellyfin", lost)
    assert sent(message)["kwargs"]["payload"]["url"].endswith("token=freshtoken")
    after = read(connection, lost)
    assert after.replay_refusal is None
    assert "freshtoken" not in f"{after}{document(after)}{events(connection, lost)}"


def test_a_letter_whose_correction_is_undone_lacks_its_secret_again(connection: Connection, lost: UUID) -> None:
    change(connection, lost, 1, editable_payload(read(connection, lost)) | {"url": "https://mirror.example/x"})

    with connection.begin():
        undo_edit(connection, lost, 2, who="ada")

    assert "set url again" in (read(connection, lost).replay_refusal or "")


def test_bytes_that_are_no_message_have_no_payload(connection: Connection) -> None:
    (id_,) = keep(connection, letter(1, message=b"not a message", reason="undecodable"))

    with pytest.raises(InvalidCorrection, match="enqueue the job again"):
        change(connection, id_, 1, RIGHT)


def test_what_is_decided_is_not_edited(connection: Connection, id_: UUID) -> None:
    with connection.begin():
        discard(connection, id_, 1, who="ada", note="no longer wanted")

    with pytest.raises(ImpossibleStep, match="is discarded"):
        change(connection, id_, 2, RIGHT)


def test_the_arguments_of_a_stock_actor_are_corrected_as_they_are(connection: Connection) -> None:
    message = json.dumps(
        {"queue_name": "sync.jellyfin", "actor_name": "add", "args": [1, 2], "kwargs": {}, "options": {}, "message_id": "m",
         "message_timestamp": 1}
    ).encode()  # fmt: skip
    (id_,) = keep(connection, letter(1, message=message))

    change(connection, id_, 1, {"args": [1, 3], "kwargs": {}})

    assert sent(read(connection, id_).edited_message)["args"] == [1, 3]
    with pytest.raises(InvalidCorrection, match='"args"'):
        change(connection, id_, 2, {"args": "1"})
