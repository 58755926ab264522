"""A message that cannot be followed as it stands is dead as `invalid`, whoever wrote it: it never runs, and it is never lost."""

import json
from typing import Any

import pytest
import redis
from dramatiq import Message

from broker.broker import LeewardBroker
from leeward.wire.entry import Entry, submit
from tests.support.fleets.workers_under_test import actor_of, dead_letters, run_until_empty

OPTIONS: list[dict[str, Any]] = [
    {"deadline": -(10**30)},
    {"deadline": 10**30},
    {"deadline": -1},
    {"deadline": True},
    {"deadline": None},
    {"deadline": "2026-11-30"},
    {"kind_version": []},
    {"kind_version": 0},
    {"kind_version": "1"},
    {"time_limit": "abc"},
    {"time_limit": -5},
    {"time_limit": 0},
    {"time_limit": {}},
    {"max_retries": "many"},
    {"min_backoff": 1e300},
    {"retries": 1.5},
    {"errors": "none"},
    {"priority": 9},
    {"priority": "urgent"},
    {"partition": ["a"]},
    {"idempotency_key": ""},
    {"request_id": {"a": 1}},
    {"traceparent": 5},
    {"unknown_outcome": "shrug"},
    {"notify_shutdown": "yes"},
    {"on_failure": ["actor"]},
    {"pipe_target": "actor"},
    {"effect_open": "perhaps"},
]


def test_a_job_whose_options_cannot_be_followed_is_dead_as_invalid_and_never_runs(
    broker: LeewardBroker, valkey: "redis.Redis"
) -> None:
    ran: list[str] = []
    actor_of(broker)(lambda: ran.append("ran"), actor_name="act")
    message = {"queue_name": "lab", "actor_name": "act", "args": [], "kwargs": {}, "message_timestamp": 1}
    entries = [
        Entry(
            f"job-{n}", "lab:normal", 0, json.dumps(message | {"message_id": f"job-{n}", "options": options}).encode()
        )
        for n, options in enumerate(OPTIONS)
    ]
    assert submit(valkey, "lab", entries) == {}

    run_until_empty(broker, "lab")

    letters = {letter["job"]: letter for letter in dead_letters(valkey, "lab")}
    assert ran == []
    assert {letter["reason"] for letter in letters.values()} == {"invalid"}
    assert len(letters) == len(OPTIONS)
    for n, options in enumerate(OPTIONS):
        (name,) = options
        assert f"`{name}`" in letters[f"job-{n}"]["error"]["message"]


@pytest.mark.parametrize("job_id", ["", None, 5])
def test_a_message_without_an_id_is_refused_and_nothing_is_enqueued(
    broker: LeewardBroker, valkey: "redis.Redis", job_id: Any
) -> None:
    actor_of(broker)(lambda: None, actor_name="act")
    message: Message[Any] = Message(
        queue_name="lab", actor_name="act", args=(), kwargs={}, options={}, message_id=job_id
    )

    with pytest.raises(ValueError, match=r"needs an id"):
        broker.enqueue(message)

    assert valkey.keys("leeward:{lab}:*") == []
