"""What the broker's scripts write is what storage reads: from a death to its recovery."""

import json
from typing import Any

import pytest
import redis
from sqlalchemy import Engine

from leeward import SyncUser
from leeward.jobs.dead_reason import DeadReason
from leeward.wire.job_message import message_for
from storage.dead_letters.letter.queries import get
from storage.dead_letters.letter.views import Detail
from storage.dead_letters.search.filter import Filter
from storage.dead_letters.search.pages import page
from storage.dead_letters.state import State
from tests.integration.broker.lab import Lab
from tests.integration.storage.rows import claimed
from workers.background.drainer import Drainer

QUEUE = "sync.lab"


@pytest.fixture
def lab(valkey: redis.Redis) -> Lab:
    return Lab(valkey)


def encoded(job_id: str, **options: Any) -> bytes:
    message = message_for(SyncUser(provider="lab", user="alice"), job_id=job_id, idempotency_key="invite-17").asdict()
    return json.dumps(message | {"options": message["options"] | options}).encode()


def letters(valkey: redis.Redis, engine: Engine) -> list[Detail]:
    """Newest first."""
    Drainer(valkey, engine, lambda: ["lab"]).sweep()
    with engine.connect() as connection:
        return [get(connection, row.id) for row in page(connection, Filter()).rows]


def test_a_death_is_read_as_settle_wrote_it(lab: Lab, valkey: redis.Redis, engine: Engine) -> None:
    message = encoded("first", retries=4)
    lab.enqueue("first", message=message, queue=QUEUE, lane="interactive", key="invite-17")
    (job,) = lab.admit(worker="host-7:99", queue=QUEUE).jobs
    lab.die(job, "permanent", key="invite-17")

    (found,) = letters(valkey, engine)

    assert (found.job_id, found.provider, found.queue, found.actor) == ("first", "lab", QUEUE, "sync.user")
    assert (found.priority, found.worker, found.reason) == ("interactive", "host-7:99", DeadReason.PERMANENT)
    assert (found.attempts, found.deliveries, found.idempotency_key) == (4, 1, "invite-17")
    assert (found.message, found.error_type) == (message, "Boom")
    assert int(found.died_at.timestamp() * 1000) == lab.now
    assert letters(valkey, engine) == [found]


def test_a_crash_loop_is_read_as_admit_wrote_it(lab: Lab, valkey: redis.Redis, engine: Engine) -> None:
    lab.enqueue("first", message=encoded("first"), queue=QUEUE)
    for _ in range(lab.crash_limit):
        (job,) = lab.admit(queue=QUEUE).jobs
        lab.renew(job, progress='{"done":3,"total":9}')
        lab.expire_leases()
    lab.admit(queue=QUEUE)

    (found,) = letters(valkey, engine)

    assert (found.reason, found.deliveries) == (DeadReason.CRASH_LOOP, lab.crash_limit)
    assert found.progress == {"done": 3, "total": 9}


def test_a_replay_that_dies_and_one_that_is_done_end_where_they_should(
    lab: Lab, valkey: redis.Redis, engine: Engine
) -> None:
    lab.enqueue("first", message=encoded("first"), queue=QUEUE)
    lab.die(lab.admit(queue=QUEUE).jobs[0])
    (first,) = letters(valkey, engine)

    newest = first.id
    for end in ("dead", "done"):
        with engine.connect() as connection:
            claim = claimed(connection, newest)
        again = encoded(claim.job_id, replay_of=str(claim.dead_letter_id))
        lab.now += 1_000
        lab.enqueue(claim.job_id, message=again, queue=QUEUE, reopen=True)
        (job,) = lab.admit(queue=QUEUE).jobs
        if end == "dead":
            lab.die(job)
            second, _ = letters(valkey, engine)
            assert (second.replay_of, second.generation, second.state) == (first.id, 1, State.FAILED)
            newest = second.id
        else:
            lab.settle(job, "done", replay_of=str(claim.dead_letter_id))

    assert [found.state for found in letters(valkey, engine)] == [State.RECOVERED, State.RECOVERED]
