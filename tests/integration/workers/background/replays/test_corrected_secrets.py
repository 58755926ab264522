"""A dead letter that lost a secret, edited and replayed."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
import redis

from broker.fleet import corrections
from leeward import DownloadFile
from leeward.wire.keys import ProviderKeys
from storage.payloads.redaction import redacted
from storage.replays.claims import Claim
from tests.integration.workers.background.replays.fleet import jobs
from tests.unit.storage.dead_letters.intake.dead_entries import message_of
from workers.background.replays.enqueue import Enqueued, enqueue

LETTER = UUID("01a2074b-a684-7c10-84d2-e4a16520bc6f")
NOW = datetime(2026, 11, 30, tzinfo=UTC)


def message(url: str, **options: str) -> bytes:
    job = DownloadFile.model_validate({"url": url, "destination": "x"})
    return message_of(job, queue_name="download.http", options={"kind_version": 1} | options)


def replayed(valkey: "redis.Redis", died: bytes, edited: bytes) -> Enqueued:
    claim = Claim(
        1, LETTER, "new-job", "dead-job", "http", "download.file", redacted(died).message, redacted(edited).message
    )
    return enqueue(valkey, [claim], NOW)


@pytest.fixture
def edited(valkey: "redis.Redis") -> bytes:
    """As `leeward dlq edit --set url=...` leaves it."""
    whole = message("https://files.example/x?token=fresh-token", idempotency_key="invite-17")
    corrections.keep(valkey, "http", LETTER, whole)
    return whole


def test_a_replay_takes_the_secret_that_an_edit_has_set(valkey: "redis.Redis", edited: bytes) -> None:
    ending = replayed(valkey, message("https://files.example/x?token=stale-token"), edited)

    assert [claim.job_id for claim in ending.queued] == ["new-job"]
    assert jobs(valkey, "http")["new-job"].kwargs["payload"]["url"].endswith("token=fresh-token")
    assert 0 < valkey.pttl(ProviderKeys("http").corrected(str(LETTER))) <= corrections.KEPT.total_seconds() * 1000


def test_the_key_of_the_job_that_died_is_taken_over(valkey: "redis.Redis", edited: bytes) -> None:
    key = ProviderKeys("http").key("invite-17")
    valkey.hset(key, mapping={"job": "dead-job", "state": "dead", "fingerprint": "of the payload with its secret"})

    ending = replayed(valkey, message("https://files.example/x?token=stale-token", idempotency_key="invite-17"), edited)

    assert [claim.job_id for claim in ending.queued] == ["new-job"]
    assert valkey.hmget(key, "job", "fingerprint") == [b"new-job", b"of the payload with its secret"]


def test_a_secret_that_has_expired_is_asked_for_again(valkey: "redis.Redis", edited: bytes) -> None:
    valkey.delete(ProviderKeys("http").corrected(str(LETTER)))

    ending = replayed(valkey, message("https://files.example/x?token=stale-token"), edited)

    assert "edit it again" in ending.refused[0].why
    assert jobs(valkey, "http") == {}


def test_a_secret_of_an_earlier_edit_is_not_taken_for_this_one(valkey: "redis.Redis", edited: bytes) -> None:
    corrections.keep(valkey, "http", LETTER, message("https://elsewhere.example/x?token=fresh-token"))

    ending = replayed(valkey, message("https://files.example/x?token=stale-token"), edited)

    assert "edit it again" in ending.refused[0].why


def test_an_edit_without_a_secret_needs_nothing_that_valkey_keeps(valkey: "redis.Redis") -> None:
    ending = replayed(valkey, message("https://files.example/x?token=stale-token"), message("https://mirror.example/x"))

    assert [claim.job_id for claim in ending.queued] == ["new-job"]
