"""Periodic actors as people see and steer them."""

from datetime import UTC, datetime, timedelta

import dramatiq
import pytest
import redis

from broker.broker import LeewardBroker
from broker.periodic.plan import Plan
from broker.periodic.schedule import Cron, Every
from leeward.status import JobState
from leeward.wire.keys import ProviderKeys
from leeward_admin.schedules import Schedules, ScheduleServed, Sent, UnknownPeriodicActor
from tests.integration.workers.background.ticks.ticking import MINUTE, Clock, declare, take, ticker

WHO = "cli:ada@host"


@pytest.fixture
def schedules(valkey: "redis.Redis") -> Schedules:
    return Schedules(valkey)


def test_an_actor_is_listed_with_its_schedule_and_its_latest_tick(
    broker: LeewardBroker, schedules: Schedules, valkey: "redis.Redis"
) -> None:
    clock = Clock()
    actor = declare(broker, "*/5 * * * *")
    one = ticker(broker, clock, actor, zone="Europe/Berlin")
    one.look()
    clock.now += 5 * MINUTE
    one.look()

    (found,) = schedules.list()

    assert (found.name, found.queue, found.schedule) == (actor.actor_name, actor.queue_name, "*/5 * * * *")
    assert (found.zone, found.paused, found.outcome) == ("Europe/Berlin", None, None)
    assert found.last_at is not None
    assert found.last_at.minute % 5 == 0
    assert found.last_job


def test_the_outcome_of_the_latest_tick_stays_known_when_that_of_its_job_has_gone(
    broker: LeewardBroker, schedules: Schedules, valkey: "redis.Redis"
) -> None:
    clock = Clock()
    actor = declare(broker, "* * * * *")
    one = ticker(broker, clock, actor)
    one.look()
    clock.now += MINUTE
    one.look()
    (before,) = schedules.list()
    outcome = ProviderKeys("ticks").outcome(before.last_job).replace("ticks", actor.queue_name)
    valkey.set(outcome, '{"state":"dead","reason":"expired"}')
    clock.now += timedelta(seconds=10)
    one.look()
    valkey.delete(outcome)

    (found,) = schedules.list()

    assert (found.outcome, found.reason) == (JobState.DEAD, "expired")


def test_a_paused_actor_gets_no_ticks_and_none_of_the_pause_are_made_up_for(
    broker: LeewardBroker, schedules: Schedules, valkey: "redis.Redis"
) -> None:
    clock = Clock()
    actor = declare(broker, "* * * * *")
    one = ticker(broker, clock, actor)
    one.look()

    paused = schedules.pause(actor.actor_name, who=WHO, why="case 17")
    for _ in range(3):
        clock.now += MINUTE
        ticker(broker, clock, actor).look()  # also a scheduler that starts
    assert take(valkey) == []
    assert paused.paused is not None
    assert (paused.paused.by, paused.paused.why, paused.next_at) == (WHO, "case 17", None)

    assert schedules.resume(actor.actor_name, who=WHO).paused is None
    one.look()
    assert take(valkey) == []
    clock.now += MINUTE
    one.look()
    assert len(take(valkey)) == 1


def test_an_actor_is_run_now_once_however_often_that_is_asked_while_it_waits(
    broker: LeewardBroker, schedules: Schedules, valkey: "redis.Redis"
) -> None:
    clock = Clock()
    clock.now = datetime.now(UTC)
    actor = declare(broker, "0 0 1 1 *")
    ticker(broker, clock, actor).look()

    assert schedules.run(actor.actor_name, who=WHO) is Sent.ADDED
    assert schedules.run(actor.actor_name, who=WHO) is Sent.MERGED
    assert len(take(valkey)) == 1


def test_a_paused_actor_can_be_run_by_hand(broker: LeewardBroker, schedules: Schedules, valkey: "redis.Redis") -> None:
    clock = Clock()
    clock.now = datetime.now(UTC)
    actor = declare(broker, "0 0 1 1 *")
    one = ticker(broker, clock, actor)
    one.look()
    schedules.pause(actor.actor_name, who=WHO)
    one.look()

    assert schedules.run(actor.actor_name, who=WHO) is Sent.ADDED


def test_a_tick_by_hand_is_what_a_worker_runs(broker: LeewardBroker, schedules: Schedules) -> None:
    clock, ran = Clock(), list[str]()
    clock.now = datetime.now(UTC)

    @dramatiq.actor(broker=broker, queue_name="hand", periodic="0 0 1 1 *")
    def by_hand() -> None:
        ran.append("once")

    ticker(broker, clock, by_hand).look()
    schedules.run("by_hand", who=WHO)

    worker = dramatiq.Worker(broker, worker_threads=1, worker_timeout=50)
    worker.start()
    try:
        broker.join("hand", timeout=10_000)
        worker.join()
    finally:
        worker.stop()
    assert ran == ["once"]


def test_only_an_actor_without_a_scheduler_can_be_forgotten(
    broker: LeewardBroker, schedules: Schedules, valkey: "redis.Redis"
) -> None:
    clock = Clock()
    clock.now = datetime.now(UTC)
    actor = declare(broker, "* * * * *")
    ticker(broker, clock, actor).look()

    with pytest.raises(ScheduleServed):
        schedules.forget(actor.actor_name, who=WHO)
    valkey.delete(ProviderKeys(actor.queue_name).root + "tick_looks")
    assert schedules.list()[0].has_scheduler is False
    schedules.forget(actor.actor_name, who=WHO)

    assert schedules.list() == []
    with pytest.raises(UnknownPeriodicActor):
        schedules.run(actor.actor_name, who=WHO)


@pytest.mark.parametrize("schedule", [Cron("*/5 * * * *"), Every(timedelta(seconds=30))])
def test_what_a_scheduler_publishes_is_read_as_it_was(schedule: Cron | Every) -> None:
    plan = Plan("actor", "queue", schedule, timedelta(hours=2))

    read = Plan.parsed("actor", plan.encoded())

    assert read == plan
    assert Plan.parsed("actor", b'{"queue": 1') is None
