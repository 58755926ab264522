"""What travels when a dead letter is replayed."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from dramatiq import Message

from leeward import DownloadFile, SyncUser
from leeward.wire.entry import entry_of
from storage.replays.claims import Claim
from tests.unit.storage.dead_letters.intake.dead_entries import message_of
from workers.background.replays.message import Unreplayable, message_for_replay, why_not

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
NOW_MS = int(NOW.timestamp() * 1000)
DEAD_LETTER = UUID("0199aaaa-0000-7000-8000-000000000001")


def claim(message: bytes, edited: bytes | None = None) -> Claim:
    return Claim(
        position=1,
        dead_letter_id=DEAD_LETTER,
        job_id="the-new-job",
        died_as="the-old-job",
        provider="jellyfin",
        actor="sync.user",
        message=message,
        edited=edited,
    )


def replayed(options: dict[str, Any] | None = None) -> "Message[Any]":
    return message_for_replay(claim(message_of(SyncUser(user="alice"), options=options)), NOW)


def test_the_work_is_the_same_and_the_job_is_a_new_one_in_the_bulk_lane() -> None:
    message = replayed({"priority": "interactive"})

    assert (message.actor_name, message.queue_name) == ("sync.user", "sync.jellyfin")
    assert message.kwargs == {"payload": {"provider": "jellyfin", "user": "alice", "state": "enabled"}}
    assert message.message_id == "the-new-job"
    assert message.message_timestamp == NOW_MS
    assert message.options["priority"] == "bulk"
    assert message.options["replay_of"] == str(DEAD_LETTER)


def test_the_attempts_that_failed_are_forgotten_and_the_rest_is_kept() -> None:
    spent = {
        "retries": 5,
        "errors": [{"type": "Transient"}],
        "unverified": True,
        "traceback": "...",
        "requeue_timestamp": 1,
    }
    kept = {"idempotency_key": "invite-17", "fingerprint": "f00", "request_id": "r-1", "traceparent": "00-aa-bb-01"}

    options = replayed(spent | kept | {"replay_of": "another"}).options

    assert not spent.keys() & options.keys()
    assert kept.items() <= options.items()
    assert options["replay_of"] == str(DEAD_LETTER)


def test_the_idempotency_key_is_taken_over_from_the_dead_job() -> None:
    entry = entry_of(replayed({"idempotency_key": "invite-17", "fingerprint": "f00"}))

    assert (entry.idempotency_key, entry.fingerprint, entry.reopen) == ("invite-17", "f00", "1")


def test_the_deadline_is_the_kinds_own_from_now_on() -> None:
    assert replayed({"deadline": 1}).options["deadline"] == NOW_MS + SyncUser.default_deadline // timedelta(
        milliseconds=1
    )


def test_a_job_that_is_not_of_the_contract_is_replayed_with_its_arguments() -> None:
    sent = message_of(actor_name="count_words", args=["a b c"], kwargs={"fast": True})
    body = Message.decode(sent).asdict()
    body["options"].pop("kind_version")

    message = message_for_replay(claim(Message(**body).encode()), NOW)

    assert (message.actor_name, list(message.args), message.kwargs) == ("count_words", ["a b c"], {"fast": True})
    assert message.options["deadline"] > NOW_MS


@pytest.mark.parametrize(
    ("message", "why"),
    [
        (b"\xff\xfe", "its bytes are not a message"),
        (b"[]", "its bytes are not a message"),
        (b'{"queue_name": 7}', "its bytes are not a message"),
        (message_of(queue_name="no queue!"), "its bytes are not a message"),
        (message_of(options={"kind_version": 99}), "does not know version 99 of sync.user"),
        (message_of(options={"kind_version": [1]}), "does not know version"),
        (message_of(actor_name="sync.nobody"), "does not know version 1 of sync.nobody"),
        (message_of(kwargs={"payload": {"user": ""}}), "user: String should have at least 1 character"),
        (message_of(kwargs={}), "its payload is invalid"),
        (message_of(queue_name="sync.emby"), "the payload names the provider 'jellyfin'"),
        (message_of(queue_name="email.jellyfin"), "do not belong on the queue 'email.jellyfin'"),
    ],
)
def test_what_would_only_die_again_is_refused_with_advice(message: bytes, why: str) -> None:
    with pytest.raises(Unreplayable, match=why):
        message_for_replay(claim(message), NOW)
    assert why in (why_not(message) or "")


def test_a_refusal_never_shows_what_was_in_the_payload() -> None:
    job = message_of(DownloadFile(url="https://example.org/a", destination="a"))
    broken = Message.decode(job).asdict()
    broken["kwargs"]["payload"]["sha256"] = "hunter2-hunter2"

    assert "hunter2" not in (why_not(Message(**broken).encode()) or "")


def test_a_corrected_payload_is_what_is_replayed_and_is_still_the_work_of_its_key() -> None:
    options = {"idempotency_key": "invite-17", "fingerprint": "f00"}
    edited = message_of(SyncUser(user="alice.b"), options={"idempotency_key": "invite-17"})

    message = message_for_replay(claim(message_of(SyncUser(user="alice"), options=options), edited), NOW)

    assert message.kwargs["payload"]["user"] == "alice.b"
    assert entry_of(message).fingerprint == "f00"


def test_a_corrected_job_whose_producer_sent_no_fingerprint_has_that_of_the_original() -> None:
    original = message_of(SyncUser(user="alice"), options={"idempotency_key": "invite-17"})
    edited = message_of(SyncUser(user="alice.b"), options={"idempotency_key": "invite-17"})

    unchanged = entry_of(message_for_replay(claim(original), NOW)).fingerprint

    assert entry_of(message_for_replay(claim(original, edited), NOW)).fingerprint == unchanged


def test_the_replay_of_a_replay_still_names_the_job_that_died_first() -> None:
    died = message_of(SyncUser(user="alice"), message_id="the-first-job")

    first = message_for_replay(claim(died), NOW)
    second = message_for_replay(claim(first.encode()), NOW)

    assert (first.options["origin"], second.options["origin"]) == ("the-first-job", "the-first-job")
