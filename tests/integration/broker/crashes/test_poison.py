"""What cannot be run becomes a dead letter with its bytes, and stops nothing."""

import json
from typing import Any

import pytest
import redis

from broker.broker import LeewardBroker
from leeward.jobs.sync.user import SyncUser
from leeward.wire.entry import Entry, submit
from leeward.wire.keys import ProviderKeys
from tests.support.fleets.workers_under_test import actor_of, dead_letters, final_state, outcome, run_until_empty
from tests.support.waiting import wait_until

GOOD = {"queue_name": "lab", "actor_name": "good", "args": [], "kwargs": {}, "options": {}, "message_id": "x"}
POISON = {
    "no JSON": b"\x00\xff not json",
    "nothing": b"",
    "a list": b"[1, 2, 3]",
    "an object of something else": b'{"hello": "world"}',
    "a number": b"17",
    "options that are no object": json.dumps(GOOD | {"message_timestamp": 1, "options": None}).encode(),
    "options that are a list": json.dumps(GOOD | {"message_timestamp": 1, "options": [1]}).encode(),
    "arguments that are no list": json.dumps(GOOD | {"message_timestamp": 1, "args": 5}).encode(),
    "keyword arguments that are no object": json.dumps(GOOD | {"message_timestamp": 1, "kwargs": "a"}).encode(),
    "an actor name that is no string": json.dumps(GOOD | {"message_timestamp": 1, "actor_name": ["x"]}).encode(),
    "a queue name that is no string": json.dumps(GOOD | {"message_timestamp": 1, "queue_name": {}}).encode(),
    "fields of its own": json.dumps(GOOD | {"message_timestamp": 1, "surprise": 1}).encode(),
}


def put(client: "redis.Redis", job_id: str, data: bytes, queue: str = "lab") -> None:
    assert submit(client, queue.partition(".")[2] or queue, [Entry(job_id, f"{queue}:normal", 0, data)]) == {}


@pytest.mark.parametrize("data", POISON.values(), ids=POISON.keys())
def test_bytes_that_are_no_message_become_a_dead_letter_and_the_next_job_runs(
    broker: LeewardBroker, valkey: "redis.Redis", data: bytes
) -> None:
    ran: list[int] = []
    good = actor_of(broker)(lambda: ran.append(1), actor_name="good")
    put(valkey, "poison", data)
    good.send()

    run_until_empty(broker, "lab")

    (letter,) = dead_letters(valkey, "lab")
    assert (letter["job"], letter["reason"], letter["message"]) == ("poison", "undecodable", data)
    assert ran == [1]


def test_an_unknown_actor_is_a_dead_letter_with_its_bytes_and_stops_nothing(
    broker: LeewardBroker, valkey: "redis.Redis"
) -> None:
    ran: list[int] = []
    good = actor_of(broker)(lambda: ran.append(1), actor_name="good")
    stranger = json.dumps(GOOD | {"message_timestamp": 1, "actor_name": "stranger", "message_id": "s"}).encode()
    put(valkey, "s", stranger)
    good.send()

    run_until_empty(broker, "lab")

    (letter,) = dead_letters(valkey, "lab")
    assert (letter["reason"], json.loads(letter["message"])) == ("unknown_actor", json.loads(stranger))
    assert letter["error"]["type"] == "ActorNotFound"
    assert ran == [1]


@pytest.mark.parametrize("kwargs", [{}, {"payload": {"user": ""}}, {"payload": []}, {"payload": {"state": "enabled"}}])
def test_an_invalid_payload_is_a_dead_letter_without_a_retry(
    broker: LeewardBroker, valkey: "redis.Redis", kwargs: dict[str, object]
) -> None:
    ran: list[object] = []
    actor_of(broker, "sync.jellyfin")(ran.append, actor_name="sync.user", job=SyncUser)
    bad = {"queue_name": "sync.jellyfin", "actor_name": "sync.user", "kwargs": kwargs, "message_id": "bad"}
    put(valkey, "bad", json.dumps(GOOD | bad | {"message_timestamp": 1}).encode(), "sync.jellyfin")

    run_until_empty(broker, "sync.jellyfin")

    (letter,) = dead_letters(valkey, "jellyfin")
    assert (letter["reason"], letter["deliveries"]) == ("invalid", "1")
    assert ran == []


@pytest.mark.parametrize(
    "options",
    [
        {"retries": "often"},
        {"max_retries": -7},
        {"max_retries": "many"},
        {"min_backoff": -5},
        {"min_backoff": "x"},
        {"errors": 17},
        {"deadline": "tomorrow"},
        {"max_age": []},
        {"throws": "ValueError"},
        {"time_limit": "x"},
        {"priority": 9},
    ],
    ids=repr,
)
@pytest.mark.expects_critical_logs
def test_a_job_that_fails_with_impossible_options_is_not_taken_for_done(
    broker: LeewardBroker, valkey: "redis.Redis", options: dict[str, object]
) -> None:
    def fails() -> None:
        raise ValueError("no")

    actor_of(broker)(fails, actor_name="good", max_retries=0)
    put(valkey, "odd", json.dumps(GOOD | {"message_timestamp": 1, "options": options, "message_id": "odd"}).encode())

    run_until_empty(broker, "lab", timeout_ms=20_000)

    assert final_state(valkey, "lab", "odd") == "dead"


class Unspeakable(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no words")


@pytest.mark.parametrize(
    "error",
    [ValueError("a lone surrogate \udcff"), FileNotFoundError("caf\udce9"), Unspeakable(), ValueError("\x00" * 50)],
    ids=["surrogate", "undecodable file name", "no message", "zero bytes"],
)
@pytest.mark.parametrize("attempts", [1, 2])
def test_an_error_that_cannot_be_written_down_ends_its_job_like_any_other(
    broker: LeewardBroker, valkey: "redis.Redis", error: Exception, attempts: int
) -> None:
    def fails() -> None:
        raise error

    actor = actor_of(broker)(fails, max_retries=attempts - 1, min_backoff=1, max_backoff=1)
    actor.send()

    run_until_empty(broker, "lab")

    (letter,) = dead_letters(valkey, "lab")
    assert (letter["reason"], letter["error"]["type"]) == ("exhausted", type(error).__name__)


@pytest.mark.parametrize(
    "result", [{"x": {1, 2}}, {"big": 2**70}, {"name": "\udcff"}, object()], ids=["set", "number", "text", "object"]
)
def test_a_result_that_is_not_json_is_dropped_and_the_job_is_done(
    broker: LeewardBroker, valkey: "redis.Redis", result: object
) -> None:
    from broker.delivery.current import keep_result

    runs: list[int] = []

    def act() -> None:
        runs.append(1)
        keep_result(result)

    message = actor_of(broker)(act).send()

    run_until_empty(broker, "lab")

    kept = outcome(valkey, "lab", message.message_id) or {}
    assert (kept["state"], kept["result"]) == ("done", None)
    assert runs == [1]


@pytest.mark.parametrize("progress", ["\udcff", {1, 2}, 2**70], ids=repr)
def test_progress_that_cannot_be_written_down_does_not_cost_the_lease(
    broker: LeewardBroker, valkey: "redis.Redis", progress: Any
) -> None:
    """Longer than a lease: whoever does not renew loses the job, and it runs twice."""
    from leeward.extension import report_progress

    runs: list[int] = []
    keys = ProviderKeys("lab")

    def act() -> None:
        runs.append(1)
        report_progress(progress)
        ends_ms = valkey.zrange(keys.leases, 0, -1, withscores=True)[0][1]
        wait_until(
            lambda: server_ms(valkey) > float(ends_ms) or len(runs) > 1, description="the first lease to be over"
        )

    message = actor_of(broker)(act).send()

    run_until_empty(broker, "lab")

    assert runs == [1]
    assert final_state(valkey, "lab", message.message_id) == "done"


def server_ms(valkey: "redis.Redis") -> float:
    seconds, micros = valkey.time()
    return seconds * 1000 + micros / 1000
