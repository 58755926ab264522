"""A follow-up is sent once when its predecessor is done, wherever it goes, and not when that is dead or cancelled."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import redis
from dramatiq import Message

from broker.broker import LeewardBroker
from leeward import Enqueued, JobState, Leeward, Request, SendEmail, SyncUser
from leeward.errors import Invalid, JobNotFound, MessageTooLarge
from leeward.wire.keys import ProviderKeys
from tests.integration.broker.flows.conftest import Actors
from tests.support.fleets.workers_under_test import dead_letters, working
from tests.support.waiting import wait_until

ALICE = SyncUser(user="alice")
JELLYFIN, SMTP = ProviderKeys("jellyfin"), ProviderKeys("smtp")


def mail(to: str, text: str = "Your account is ready.") -> SendEmail:
    return SendEmail(to=(to,), subject="Welcome", text=text)


def is_quiet(client: "redis.Redis") -> bool:
    """No job lives, and nothing is to be carried on: seen at one moment, for one becomes the other."""
    pipeline = client.pipeline(transaction=True)
    for keys in (JELLYFIN, SMTP):
        pipeline.xlen(keys.handovers)
        pipeline.hlen(keys.jobs)
    return not any(pipeline.execute())


def run(broker: LeewardBroker, client: "redis.Redis", *, until: Callable[[], bool] = lambda: True) -> None:
    with working(broker):
        wait_until(
            lambda: is_quiet(client) and until(), description="all jobs and their follow-ups have ended", timeout=20
        )


def test_a_follow_up_runs_when_its_predecessor_is_done(
    broker: LeewardBroker, fleet: Leeward, actors: Actors, valkey: "redis.Redis"
) -> None:
    job = fleet.enqueue(ALICE, then=mail("alice@example.org"), request_id="sign-up-17")

    with pytest.raises(JobNotFound):
        fleet.status(_follow_up_of(valkey, job)["message_id"])
    follow_up = _follow_up_of(valkey, job)
    run(broker, valkey)

    assert actors.ran == {"alice": 1, "alice@example.org": 1}
    assert fleet.status(follow_up["message_id"]).state is JobState.DONE
    assert follow_up["options"]["request_id"] == "sign-up-17"


def test_a_chain_runs_step_by_step_and_several_follow_ups_each(
    broker: LeewardBroker, fleet: Leeward, actors: Actors, valkey: "redis.Redis"
) -> None:
    last = Request(SyncUser(user="last"), idempotency_key="last")
    second = Request(mail("second@example.org"), then=[last])
    fleet.enqueue(SyncUser(user="first"), then=[second, SyncUser(user="beside")])

    run(broker, valkey)

    assert actors.ran == {"first": 1, "second@example.org": 1, "last": 1, "beside": 1}
    assert fleet.enqueue(SyncUser(user="last"), idempotency_key="last").duplicate


def test_none_is_sent_when_its_predecessor_is_dead(
    broker: LeewardBroker, fleet: Leeward, actors: Actors, valkey: "redis.Redis"
) -> None:
    actors.fail.add("alice")
    fleet.enqueue(ALICE, then=mail("alice@example.org"))

    run(broker, valkey)

    assert actors.ran == {"alice": 1}
    assert len(dead_letters(valkey, "jellyfin")) == 1


def test_a_replay_that_succeeds_sends_it(
    broker: LeewardBroker, fleet: Leeward, actors: Actors, valkey: "redis.Redis"
) -> None:
    actors.fail.add("alice")
    fleet.enqueue(ALICE, then=mail("alice@example.org"))
    run(broker, valkey)
    (letter,) = dead_letters(valkey, "jellyfin")

    actors.fail.clear()
    broker.enqueue(replay_of(letter["message"]))
    run(broker, valkey)

    assert actors.ran == {"alice": 2, "alice@example.org": 1}


def test_a_follow_up_whose_secrets_were_not_kept_is_a_dead_letter(
    broker: LeewardBroker, fleet: Leeward, actors: Actors, valkey: "redis.Redis"
) -> None:
    actors.fail.add("alice")
    fleet.enqueue(ALICE, then=mail("alice@example.org", text="[redacted]"))
    run(broker, valkey)
    (letter,) = dead_letters(valkey, "jellyfin")

    actors.fail.clear()
    broker.enqueue(replay_of(letter["message"]))
    run(broker, valkey)

    (unsent,) = dead_letters(valkey, "smtp")
    assert unsent["error"]["type"] == "FollowUpNotSent"
    assert (unsent["queue"], unsent["reason"]) == ("email.smtp", "invalid")


def test_none_is_sent_when_its_predecessor_is_cancelled(
    broker: LeewardBroker, fleet: Leeward, actors: Actors, valkey: "redis.Redis"
) -> None:
    job = fleet.enqueue(ALICE, then=mail("alice@example.org"))

    assert fleet.cancel(job.job_id)
    run(broker, valkey)

    assert actors.ran == {}


def test_a_follow_up_whose_key_belongs_to_other_work_is_a_dead_letter(
    broker: LeewardBroker, fleet: Leeward, actors: Actors, valkey: "redis.Redis"
) -> None:
    fleet.enqueue(mail("bob@example.org"), idempotency_key="welcome")
    fleet.enqueue(ALICE, then=Request(mail("alice@example.org"), idempotency_key="welcome"))

    run(broker, valkey)

    (letter,) = dead_letters(valkey, "smtp")
    assert "its idempotency key belongs to job" in letter["error"]["message"]
    assert actors.ran == {"bob@example.org": 1, "alice": 1}


def test_its_deadline_and_its_delay_count_from_when_it_is_sent(
    broker: LeewardBroker, fleet: Leeward, actors: Actors, valkey: "redis.Redis"
) -> None:
    later = Request(mail("alice@example.org"), delay=timedelta(hours=1), deadline=timedelta(hours=2))
    job = fleet.enqueue(ALICE, then=later)
    follow_up = _follow_up_of(valkey, job)
    # As if its predecessor had waited for half an hour.
    waited_ms = 1_800_000
    message = json.loads(_message(valkey, job))
    then = message["options"]["flow"]["then"][0]["message"]
    then["message_timestamp"] -= waited_ms
    then["options"]["deadline"] -= waited_ms
    valkey.hset(JELLYFIN.jobs, job.job_id, json.dumps(message))

    with working(broker):
        wait_until(lambda: valkey.hlen(SMTP.jobs), description="the follow-up is scheduled")

    status = fleet.status(follow_up["message_id"])
    sent = json.loads(valkey.hget(SMTP.jobs, follow_up["message_id"]) or b"")
    assert status.state is JobState.SCHEDULED
    assert status.due is not None
    assert status.due > datetime.now(UTC) + timedelta(minutes=58)
    assert sent["options"]["deadline"] - sent["message_timestamp"] == 7_200_000
    assert sent["message_timestamp"] > then["message_timestamp"] + waited_ms - 1


def test_what_could_never_be_sent_is_refused_with_its_predecessor(fleet: Leeward) -> None:
    with pytest.raises(Invalid):
        fleet.enqueue(ALICE, then=Request(mail("alice@example.org"), idempotency_key=""))
    with pytest.raises(Invalid):
        fleet.enqueue(ALICE, then="alice@example.org")  # type: ignore[arg-type]
    with pytest.raises(MessageTooLarge):
        fleet.enqueue(ALICE, then=mail("alice@example.org", text="x" * 300_000))


def test_a_duplicate_brings_no_follow_ups(
    broker: LeewardBroker, fleet: Leeward, actors: Actors, valkey: "redis.Redis"
) -> None:
    fleet.enqueue(ALICE, idempotency_key="k", then=mail("first@example.org"))

    assert fleet.enqueue(ALICE, idempotency_key="k", then=mail("second@example.org")).duplicate
    run(broker, valkey)

    assert actors.ran == {"alice": 1, "first@example.org": 1}


def test_a_dead_letter_of_a_predecessor_keeps_no_secret_of_its_follow_ups(
    broker: LeewardBroker, fleet: Leeward, actors: Actors, valkey: "redis.Redis"
) -> None:
    from storage.payloads.redaction import redacted

    job = fleet.enqueue(ALICE, then=SyncUser(user="bob", password="correct horse battery"))
    message = _message(valkey, job)
    assert b"correct horse battery" in message

    kept = redacted(message)

    assert b"correct horse battery" not in kept.message
    assert any("then" in place for place in kept.removed)


def _message(client: "redis.Redis", job: Enqueued) -> bytes:
    found = client.hget(JELLYFIN.jobs, job.job_id)
    assert isinstance(found, bytes)
    return found


def _follow_up_of(client: "redis.Redis", job: Enqueued) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(_message(client, job))["options"]["flow"]["then"][0]["message"]
    return found


def replay_of(dead: bytes) -> "Message[Any]":
    from uuid import uuid4

    from storage.replays.claims import Claim
    from workers.background.replays.message import message_for_replay

    claim = Claim(0, uuid4(), uuid4().hex, "", "jellyfin", "sync.user", dead)
    return message_for_replay(claim, datetime.now(UTC))
