import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leeward import SendEmail, SyncUser
from leeward.jobs.dead_reason import DeadReason
from storage.dead_letters.intake.new_letter import NAME_LIMIT, PAYLOAD_LIMIT_BYTES, DeadLetter, UnreadableEntry
from storage.dead_letters.letter.stored_error import MESSAGE_LIMIT, TRACEBACK_LIMIT
from tests.unit.storage.dead_letters.intake.dead_entries import DIED_AT_MS, dead_fields, message_of

PARENT = UUID("01920000-0000-7000-8000-000000000001")


def letter(message: bytes | None = None, **changes: bytes | str) -> DeadLetter:
    return DeadLetter.from_outbox("jellyfin", "1790000000001-0", dead_fields(message, **changes))


def test_an_entry_is_read_in_full() -> None:
    options = {
        "retries": 5,
        "request_id": "req-1",
        "traceparent": f"00-{'ab' * 16}-{'cd' * 8}-01",
        "idempotency_key": "invite-17",
        "replay_of": str(PARENT),
        "tenant": "north",
    }
    message = message_of(message_id="job-1", options=options, message_timestamp=1_780_000_000_500)

    found = letter(message, progress='{"done": 3, "total": 9}')

    assert found.outbox_id == "jellyfin/1790000000001-0"
    assert (found.job_id, found.provider, found.queue, found.actor) == (
        "job-1",
        "jellyfin",
        "sync.jellyfin",
        "sync.user",
    )
    assert (found.priority, found.reason) == ("normal", DeadReason.EXHAUSTED)
    assert found.message == message
    assert found.payload == {"provider": "jellyfin", "user": "alice", "state": "enabled"}
    assert (found.attempts, found.deliveries, found.worker) == (5, 3, "host-1:4711")
    assert (found.request_id, found.trace_id) == ("req-1", "ab" * 16)
    assert (found.idempotency_key, found.tenant, found.replay_of) == ("invite-17", "north", PARENT)
    assert found.enqueued_at == datetime.fromtimestamp(1_780_000_000.5, UTC)
    assert found.died_at == datetime.fromtimestamp(DIED_AT_MS / 1000, UTC)
    assert (found.error_type, found.error_message) == ("Transient", "503 from the server")
    assert found.error["operation"] == "create_user"
    assert found.progress == {"done": 3, "total": 9}
    assert found.replay_refusal is None


def test_whose_job_it_is_is_its_partition_where_it_names_no_tenant() -> None:
    assert letter(message_of(options={"partition": "acme"})).tenant == "acme"
    assert letter(message_of(options={"partition": "acme", "tenant": "north"})).tenant == "north"
    assert letter(message_of()).tenant is None


def test_a_job_with_a_secret_is_kept_without_it_and_cannot_be_replayed() -> None:
    job = SyncUser.model_validate({"user": "alice", "password": "correct horse"})
    error = {"type": "Permanent", "message": "password 'correct horse' is too weak", "traceback": "... correct horse"}

    found = letter(message_of(job), error=json.dumps(error), progress='{"note": "correct horse"}')

    assert "correct horse" not in repr(found)
    assert found.error_message == "password '[redacted]' is too weak"
    assert found.replay_refusal is not None
    assert "password" in found.replay_refusal
    assert "set password again" in found.replay_refusal


def test_bytes_that_are_no_message_are_kept_as_they_are() -> None:
    found = letter(b"\xff\x00 not json", reason="undecodable")

    assert found.message == b"\xff\x00 not json"
    assert (found.payload, found.options) == (None, None)
    assert (found.actor, found.queue) == ("", "sync.jellyfin")
    assert found.replay_refusal is not None
    assert "not a message" in found.replay_refusal


def test_a_stock_actor_shows_its_arguments() -> None:
    found = letter(message_of(actor_name="add", args=[1, 2], kwargs={"carry": True}))

    assert found.payload == {"args": [1, 2], "kwargs": {"carry": True}}


def test_json_that_is_no_message_is_shown_whole_and_not_replayed() -> None:
    found = letter(b'{"hello": "world"}', reason="undecodable")

    assert found.payload == {"hello": "world"}
    assert found.replay_refusal is not None


def test_long_errors_are_cut_where_it_hurts_least() -> None:
    error = {"type": "T" * 2_000, "message": "m" * 50_000, "traceback": "x" * 100_000 + "ValueError: the end"}

    found = letter(error=json.dumps(error))

    assert len(found.error["message"]) == MESSAGE_LIMIT
    assert len(found.error["traceback"]) == TRACEBACK_LIMIT
    assert found.error["traceback"].endswith("ValueError: the end")
    assert found.error["traceback"].startswith("[cut: 100,019 characters in all]")
    assert found.error_message == found.error["message"]


def test_a_huge_payload_is_cut_for_people_and_kept_for_the_replay() -> None:
    message = message_of(SendEmail(to=("a@b.example",), subject="s", text="x" * 50_000_000))

    found = letter(message)

    assert found.message == message
    assert len(json.dumps(found.payload)) < PAYLOAD_LIMIT_BYTES
    assert found.payload["text"].endswith("[cut: 50,000,000 characters in all]")
    assert found.payload["subject"] == "s"


def test_an_error_that_is_no_object_is_its_message() -> None:
    assert letter(error="boom").error == {"message": "boom"}
    assert letter(error="").error == {}
    assert letter(error="[1]").error == {"message": "[1]"}


def test_what_does_not_fit_a_column_is_cut_or_left_out() -> None:
    options = {
        "retries": "many",
        "request_id": 7,
        "traceparent": "00-zz",
        "idempotency_key": "k" * 5_000,
        "replay_of": "x",
    }

    found = letter(message_of(options=options), deliveries="9" * 40, worker="\x00" * 2_000)

    assert (found.attempts, found.deliveries) == (0, 0)
    assert (found.request_id, found.trace_id, found.replay_of) == (None, None, None)
    assert found.idempotency_key is not None
    assert found.worker is not None
    assert len(found.idempotency_key) == len(found.worker) == NAME_LIMIT


@pytest.mark.parametrize(
    ("changes", "why"), [({"kind": "later"}, "kind b'later'"), ({"reason": "bored"}, "'bored' is none of exhausted")]
)
def test_an_entry_of_a_newer_release_is_not_guessed_at(changes: dict[str, Any], why: str) -> None:
    with pytest.raises(UnreadableEntry, match=why):
        letter(**changes)


def test_a_minimal_letter_keeps_the_bytes_without_secrets() -> None:
    fields = dead_fields(b'{"password": "hunter2", broken', reason="bored")

    found = DeadLetter.minimal("jellyfin", "1790000000001-0", fields, "the reason is not known")

    assert found.id == letter().id
    assert found.message == b'{"password": "[redacted]", broken'
    assert found.error == {"type": "UnreadableEntry", "message": "the reason is not known"}
    assert found.reason is DeadReason.UNDECODABLE
    assert found.replay_refusal is not None


ANY_BYTES = st.binary(max_size=200)
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=10,
).map(lambda value: json.dumps(value).encode())
PARTS = st.sampled_from(
    [b"job", b"message", b"error", b"died_at", b"deliveries", b"worker", b"queue", b"priority", b"progress"]
)


@given(st.dictionaries(PARTS, ANY_BYTES | ANY_JSON), st.text(max_size=30))
def test_no_entry_whatever_it_holds_makes_reading_fail(fields: dict[bytes, bytes], entry_id: str) -> None:
    known = {b"kind": b"dead", b"reason": b"invalid"}

    found = DeadLetter.from_outbox("jellyfin", entry_id, fields | known)
    minimal = DeadLetter.minimal("jellyfin", entry_id, fields, "why")

    assert found.id == minimal.id
    json.dumps(
        [found.payload, found.options, found.error, found.progress], allow_nan=False, ensure_ascii=False
    ).encode()


MEMBERS = st.fixed_dictionaries(
    {},
    optional={
        name: st.none() | st.integers() | st.text(max_size=9) | st.lists(st.integers()) | st.just({"payload": [1]})
        for name in ("actor_name", "queue_name", "args", "kwargs", "options", "message_id", "message_timestamp")
    },
)


@given(MEMBERS)
def test_no_message_of_an_odd_shape_makes_reading_fail(body: dict[str, object]) -> None:
    found = letter(json.dumps(body).encode())

    assert found.payload is not None
