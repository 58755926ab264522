"""Follow-ups and batches while workers are killed: each follow-up is sent once, each member counted once."""

import uuid
from typing import Any

import pytest
from dramatiq import Message

from leeward import Cancellation, Leeward
from leeward.client.batches import batch_status
from leeward.flows.batch import BatchState
from leeward.flows.follow_up import BATCH, FLOW, MEMBER, THEN, follow_up
from leeward.wire.entry import entry_of, submit
from leeward.wire.keys import QUEUES, ProviderKeys
from leeward.wire.script import Script
from leeward.wire.valkey.performing import perform
from tests.chaos.fleet import QUEUE, FleetUnderTest, jobs
from tests.support.waiting import wait_until

pytestmark = pytest.mark.chaos
OTHER = "other"
_add = Script("leeward.wire.scripts", "batch_add.lua")
_seal = Script("leeward.wire.scripts", "batch_seal.lua")


def message(queue: str, actor: str, name: str, seconds: float = 0.0, **options: Any) -> "Message[Any]":
    return Message(queue_name=queue, actor_name=actor, args=(name,), kwargs={"seconds": seconds}, options=options)


def following(queue: str, actor: str, name: str) -> dict[str, Any]:
    return follow_up(message(queue, actor, name).asdict(), 0, due_ms=0, is_span=False)


def enqueue(fleet: FleetUnderTest, queue: str, messages: "list[Message[Any]]") -> None:
    fleet.client.sadd(QUEUES, queue)
    submit(fleet.client, queue, [entry_of(one) for one in messages])


def is_quiet(fleet: FleetUnderTest) -> bool:
    keys = [ProviderKeys(name) for name in (QUEUE, OTHER)]
    return not any(fleet.client.hlen(one.jobs) or fleet.client.xlen(one.handovers) for one in keys)


def killed_now_and_then(fleet: FleetUnderTest) -> set[str]:
    """Runs everything with two workers, three of which are killed on the way. Returns what the killed ones had begun."""
    workers, begun = [fleet.worker("--second-provider"), fleet.worker("--second-provider")], set[str]()
    for n in range(1, 4):
        fleet.wait_for("effect", 12 * n)
        victim = workers.pop(0)
        victim.kill()
        begun |= fleet.by(victim, "started")
        workers.append(fleet.worker("--second-provider"))
    wait_until(lambda: is_quiet(fleet), description="all jobs and their follow-ups have ended", timeout=60)
    return begun


def test_every_follow_up_is_sent_once_while_workers_are_killed(fleet: FleetUnderTest) -> None:
    names = jobs(40)
    enqueue(
        fleet,
        QUEUE,
        [
            message(QUEUE, "plain", name, 0.05, **{FLOW: {THEN: [following(OTHER, "follower", f"after-{name}")]}})
            for name in names
        ],
    )

    begun = killed_now_and_then(fleet)

    effects = fleet.happened("effect")
    assert set(effects) == {*names, *(f"after-{name}" for name in names)}
    assert {name for name, n in effects.items() if n > 1} <= begun, "a kill repeats a job, and nothing else does"


def test_a_batch_of_two_providers_is_counted_to_the_end_while_workers_are_killed(fleet: FleetUnderTest) -> None:
    name, root = uuid.uuid4().hex, ProviderKeys(QUEUE).root
    members = jobs(40)
    _add(fleet.client, root, [name, "print", _json(following(QUEUE, "plain", "report")), "", *members])
    for at, (queue, actor) in enumerate(((QUEUE, "plain"), (OTHER, "follower"))):
        own = [
            message(queue, actor, member, 0.05, **{FLOW: {BATCH: f"{QUEUE}:{name}", MEMBER: member}})
            for member in members[at::2]
        ]
        enqueue(fleet, queue, own)
    _seal(fleet.client, root, [name])

    begun = killed_now_and_then(fleet)

    status = perform(fleet.client, batch_status(f"{QUEUE}:{name}"))
    assert (status.state, status.total, status.pending, status.done) == (BatchState.ENDED, 40, 0, 40)
    effects = fleet.happened("effect")
    assert effects["report"] == 1 or "report" in begun
    assert set(effects) == {*members, "report"}


def test_a_job_whose_worker_is_killed_while_it_is_cancelled_does_not_run_again(fleet: FleetUnderTest) -> None:
    victim = fleet.worker("--second-provider")
    (job,) = fleet.enqueue("plain", "job", seconds=60)
    fleet.client.sadd(QUEUES, QUEUE)
    fleet.wait_for("started", 1)
    victim.kill()
    with Leeward(fleet.url) as client:
        assert client.cancel(job) in {Cancellation.CANCELLING, Cancellation.CANCELLED}
        fleet.worker("--second-provider")

        assert fleet.wait_until_all_ended([job]) == {"cancelled": 1}
    assert fleet.happened("started") == {"job": 1}


def test_a_running_job_of_another_process_ends_at_its_safe_point(fleet: FleetUnderTest) -> None:
    fleet.worker("--second-provider")
    (job,) = fleet.enqueue("reporting", "job")
    fleet.client.sadd(QUEUES, QUEUE)
    fleet.wait_for("started", 1)

    with Leeward(fleet.url) as client:
        assert client.cancel(job) is Cancellation.CANCELLING

    assert fleet.wait_until_all_ended([job]) == {"cancelled": 1}


def _json(value: Any) -> str:
    from pydantic_core import to_json

    return to_json(value).decode()
