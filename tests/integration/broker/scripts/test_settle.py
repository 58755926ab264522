"""settle.lua: the next state is durable in the same step that gives the lease up, and only for who holds it."""

import json
from collections.abc import Callable
from typing import Any

import pytest
import redis

from tests.integration.broker.lab import FACTS, KEPT_MS, KEY_MS, Lab, Leased, message_bytes
from tests.support.answers import raw, text

ENDINGS: dict[str, dict[str, Any]] = {
    "done": {"result": "1"},
    "later": {"delay_ms": 0},
    "release": {},
    "dead": {"reason": "exhausted", "error": "{}"},
}


def leased(lab: Lab, job_id: str = "a", key: str = "") -> Leased:
    lab.enqueue(job_id, key=key)
    (job,) = lab.admit(1).jobs
    return job


def test_a_plain_success_ends_the_job_and_leaves_its_outcome(lab: Lab) -> None:
    job = leased(lab)

    assert lab.settle(job) == []

    assert lab.status("a") == "done"
    assert 0 < lab.client.pttl(lab.keys.outcome("a")) <= KEPT_MS
    assert lab.places_of("a") == []


@pytest.mark.parametrize("end", [None, "done"])
def test_what_a_job_was_and_who_ran_it_is_kept_with_the_outcome(lab: Lab, end: str | None) -> None:
    said: dict[str, Any] = {} if end is None else {"facts": FACTS}
    lab.settle(leased(lab), end, **said)

    kept = json.loads(raw(lab.client.get(lab.keys.outcome("a"))))
    assert (kept["kind"], kept["queue"], kept["token"]) == ("sync.user", "sync.media", "1@host:1")


def test_a_result_is_kept_with_the_outcome(lab: Lab) -> None:
    lab.settle(leased(lab), "done", result='{"rows":3}')

    kept = json.loads(raw(lab.client.get(lab.keys.outcome("a"))))
    assert (kept["state"], kept["result"]) == ("done", {"rows": 3})


def test_later_schedules_the_job_with_its_new_message(lab: Lab) -> None:
    job = leased(lab)
    changed = message_bytes("a") + b" "

    lab.settle(job, "later", delay_ms=1_000, message=changed)
    lab.now += 1_000

    (again,) = lab.admit().jobs
    assert (again.message, again.token) == (changed, "2@host:1")


def test_a_released_job_is_the_next_to_run(lab: Lab) -> None:
    lab.enqueue("a", "b")
    (job,) = lab.admit(1).jobs

    lab.settle(job, "release")

    assert lab.admit().ids == ["a", "b"]


def test_a_dead_job_is_in_the_outbox_with_all_that_is_known(lab: Lab) -> None:
    job = leased(lab)
    lab.renew(job, progress='{"done":3,"total":9}')

    lab.die(job, "permanent")

    (letter,) = lab.dead()
    assert letter == {
        "kind": "dead",
        "job": "a",
        "message": job.message,
        "reason": "permanent",
        "error": '{"type":"Boom"}',
        "died_at": str(lab.now),
        "deliveries": "1",
        "worker": "host:1",
        "queue": "lab",
        "priority": "normal",
        "progress": '{"done":3,"total":9}',
    }
    assert lab.status("a") == "dead"


def test_a_replayed_job_that_is_done_says_so_in_the_outbox(lab: Lab) -> None:
    lab.settle(leased(lab), "done", replay_of="17")

    (entry,) = lab.dead()
    assert (entry["kind"], entry["job"], entry["replay_of"]) == ("recovered", "a", "17")


@pytest.mark.parametrize("end", [None, *ENDINGS])
def test_a_late_holders_settle_changes_nothing(lab: Lab, end: str | None) -> None:
    late = leased(lab)
    lab.expire_leases()
    (holder,) = lab.admit(worker="host:2").jobs
    before = _everything(lab)

    assert lab.settle(late, end, **ENDINGS.get(end or "", {})) == ["a"]

    assert _everything(lab) == before
    assert lab.settle(holder) == []


@pytest.mark.parametrize("end", [None, *ENDINGS])
def test_a_settle_after_the_lease_was_taken_back_changes_nothing(lab: Lab, end: str | None) -> None:
    late = leased(lab)
    lab.expire_leases()
    lab.admit(queue="email.lab")
    before = _everything(lab)

    assert lab.settle(late, end, **ENDINGS.get(end or "", {})) == ["a"]

    assert _everything(lab) == before


@pytest.mark.parametrize("end", [None, *ENDINGS])
def test_a_repeated_settle_changes_nothing(lab: Lab, end: str | None) -> None:
    job = leased(lab)
    lab.settle(job, end, **ENDINGS.get(end or "", {}))
    before = _everything(lab)

    assert lab.settle(job, end, **ENDINGS.get(end or "", {})) == ["a"]

    assert _everything(lab) == before


def test_many_plain_successes_settle_in_one_call_and_the_late_ones_are_named(lab: Lab) -> None:
    lab.enqueue(*(f"job-{n}" for n in range(200)))
    jobs = lab.admit(200).jobs
    lab.settle(jobs[7])

    assert lab.succeed(*jobs) == ["job-7"]

    assert lab.size() == [0, 0, 0]


def test_a_key_lives_through_a_retry_and_answers_with_the_result_when_done(lab: Lab) -> None:
    job = leased(lab, key="k")
    assert lab.client.ttl(lab.keys.key("k")) == -1
    lab.settle(job, "later", delay_ms=0)
    assert lab.enqueue("b", key="k") == [(1, "duplicate", "a", "live")]

    (again,) = lab.admit().jobs
    lab.settle(again, "done", result="42", key="k")

    assert lab.key("k") == {"fingerprint": "same", "job": "a", "state": "done", "result": "42"}
    assert 0 < lab.client.pttl(lab.keys.key("k")) <= KEY_MS


def test_a_dead_jobs_key_answers_as_long_as_a_done_ones(lab: Lab) -> None:
    """Or a mail whose outcome is unknown would be sent again by the producer's next repetition."""
    lab.die(leased(lab, key="k"), "unknown_outcome", key="k")

    assert lab.key("k")["state"] == "dead"
    assert KEPT_MS < lab.client.pttl(lab.keys.key("k")) <= KEY_MS
    assert lab.enqueue("b", key="k") == [(1, "duplicate", "a", "dead")]


def test_a_crash_looping_jobs_key_answers_as_long_as_a_done_ones(lab: Lab) -> None:
    lab.enqueue("a", key="k")
    for _ in range(3):
        lab.admit()
        lab.expire_leases()
    lab.admit()

    assert lab.key("k")["state"] == "dead"
    assert KEPT_MS < lab.client.pttl(lab.keys.key("k")) <= KEY_MS


def test_a_replay_takes_a_dead_jobs_key_over_and_a_newcomer_does_not(lab: Lab) -> None:
    lab.die(leased(lab, key="k"), key="k")
    assert lab.enqueue("newcomer", key="k") == [(1, "duplicate", "a", "dead")]

    assert lab.enqueue("replay", key="k", reopen=True) == []

    assert lab.key("k")["job"] == "replay"
    assert lab.client.ttl(lab.keys.key("k")) == -1
    assert lab.enqueue("second-replay", key="k", reopen=True) == [(1, "duplicate", "replay", "live")]


def _everything(lab: Lab) -> dict[bytes, object]:
    readers: dict[str, Callable[[bytes], object]] = {
        "string": lab.client.get,
        "hash": lab.client.hgetall,
        "list": lambda name: lab.client.lrange(name, 0, -1),
        "zset": lambda name: lab.client.zrange(name, 0, -1, withscores=True),
        "set": lab.client.smembers,
        "stream": lab.client.xrange,
    }
    return {raw(name): readers[text(lab.client.type(name))](raw(name)) for name in lab.client.scan_iter()}


def test_an_ending_that_fails_half_way_leaves_the_job_with_its_lease(lab: Lab) -> None:
    job = leased(lab, key="k")
    lab.client.delete(lab.keys.key("k"))
    lab.client.set(lab.keys.key("k"), "something else uses this name")

    with pytest.raises(redis.ResponseError):
        lab.settle(job, "done", key="k")

    assert lab.places_of("a") == ["leases"]
