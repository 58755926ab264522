"""A running job that is cancelled: what the scripts do about it, whatever its worker does."""

import pytest

from broker.session.committer import HANDED_OVER
from leeward.wire.script import Script
from tests.integration.broker.lab import LEASE_MS, Lab, Leased, message_bytes
from tests.integration.broker.scripts.test_settle import ENDINGS

_renew = Script("broker.scripts", "renew.lua")
_heard = Script("broker.scripts", "heard.lua")


def cancelling(lab: Lab, key: str = "") -> Leased:
    lab.enqueue("a", key=key)
    (job,) = lab.admit(1).jobs
    assert lab.cancel("a", running=True) == "cancelling"
    return job


def test_a_running_job_is_left_alone_unless_asked(lab: Lab) -> None:
    lab.enqueue("a")
    lab.admit(1)

    assert lab.cancel("a") == "running"
    assert lab.client.hlen(lab.keys.cancelling) == 0


def test_the_worker_of_a_running_job_is_told_on_its_own_channel(lab: Lab) -> None:
    with lab.client.pubsub(ignore_subscribe_messages=True) as subscription:
        subscription.subscribe("leeward:wake:host:1")
        subscription.get_message(timeout=1)

        cancelling(lab)

        message = subscription.get_message(timeout=5)
    assert message is not None
    assert message["data"] == b"cancel a 1@host:1"


def test_its_effect_cannot_begin_any_more(lab: Lab) -> None:
    job = cancelling(lab)

    assert _begin(lab, job) == 2
    assert lab.client.hlen(lab.keys.begun) == 0


def test_once_its_effect_has_begun_it_is_too_late(lab: Lab) -> None:
    lab.enqueue("a")
    (job,) = lab.admit(1).jobs
    lab.begin(job)

    assert lab.cancel("a", running=True) == "too_late"

    assert lab.settle(job) == []
    assert lab.status("a") == "done"


def test_a_renewal_says_so_to_a_worker_that_was_not_told(lab: Lab) -> None:
    job = cancelling(lab)

    assert _renew(lab.client, lab.keys.root, [lab.now, LEASE_MS, job.job_id, job.token, ""]) == [[], [b"a"]]


def test_a_worker_confirms_only_what_is_true(lab: Lab) -> None:
    job = cancelling(lab)
    lab.enqueue("b")
    (other,) = lab.admit(1).jobs

    pairs = [job.job_id, job.token, other.job_id, other.token]
    assert _heard(lab.client, lab.keys.root, pairs) == [b"a"]
    assert _heard(lab.client, lab.keys.root, [job.job_id, "0@host:9"]) == []
    assert lab.cancel("a", running=True) == "heard"


def test_it_ends_as_cancelled_and_frees_its_key(lab: Lab) -> None:
    job = cancelling(lab, key="k")

    assert lab.settle(job, "cancelled", key="k") == []

    assert lab.status("a") == "cancelled"
    assert lab.key("k") == {}
    assert lab.places_of("a") == []
    assert lab.client.hlen(lab.keys.cancelling) == 0


@pytest.mark.parametrize("end", ["later", "release", "hold"])
def test_it_does_not_go_back_to_its_lane(lab: Lab, end: str) -> None:
    job = cancelling(lab, key="k")

    lab.settle(job, end, **ENDINGS.get(end, {"delay_ms": 0, "cause": "busy", "probe": False}))

    assert lab.status("a") == "cancelled"
    assert lab.key("k") == {}
    assert lab.places_of("a") == []


@pytest.mark.parametrize(("end", "state"), [("done", "done"), ("dead", "dead")])
def test_an_end_that_came_first_stands(lab: Lab, end: str, state: str) -> None:
    job = cancelling(lab)

    lab.settle(job, end, **ENDINGS[end])

    assert lab.status("a") == state
    assert lab.client.hlen(lab.keys.cancelling) == 0


def test_it_is_cancelled_when_its_worker_goes_silent(lab: Lab) -> None:
    cancelling(lab, key="k")

    lab.expire_leases()
    assert lab.admit(worker="host:2").ids == []

    assert lab.status("a") == "cancelled"
    assert lab.key("k") == {}


def test_a_job_whose_worker_was_of_an_older_release_is_cancelled_by_its_next_one(lab: Lab) -> None:
    """That one's scripts know no cancellations: they put the job back, and the mark stays."""
    job = cancelling(lab)
    lab.client.hdel(lab.keys.cancelling, "a")
    lab.settle(job, "later", delay_ms=0)
    lab.client.hset(lab.keys.cancelling, "a", "asked")
    (again,) = lab.admit(1).jobs

    assert _begin(lab, again) == 2
    lab.settle(again, "later", delay_ms=0)

    assert lab.status("a") == "cancelled"


def test_what_older_workers_left_behind_is_dropped(lab: Lab) -> None:
    lab.client.hset(lab.keys.cancelling, mapping={f"gone-{n}": "asked" for n in range(1000)})

    cancelling(lab)

    assert lab.client.hkeys(lab.keys.cancelling) == [b"a"]


def test_a_job_without_a_flow_hands_nothing_over(lab: Lab) -> None:
    lab.enqueue("a", message=message_bytes("a"))
    (job,) = lab.admit(1).jobs

    reply = lab.ending_reply({"id": "a", "token": job.token, "end": "done", "kept_ms": 1000})

    assert HANDED_OVER not in reply
    assert not lab.client.exists(lab.keys.handovers)


def _begin(lab: Lab, job: Leased) -> object:
    return Script("broker.scripts", "begin.lua")(lab.client, lab.keys.root, [job.job_id, job.token])
