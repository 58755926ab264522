"""Accounts end while their provider cannot be reached: disabled here at once, and there when it is back."""

from datetime import timedelta

from sqlalchemy import Engine

from broker.broker import LeewardBroker
from leeward.extension import Health
from leeward.jobs.sync.user import UserState
from leeward.status import JobState
from storage.accounts import accounts
from tests.integration.actors.test_expiry import END, World, broker, tick_of

__all__ = ["broker"]
DOWN = Health.unhealthy("no answer: refused")


def test_an_account_that_ends_during_an_outage_is_disabled_here_and_confirmed_later(
    broker: LeewardBroker, engine: Engine
) -> None:
    world = World(engine, healthy=DOWN)
    tick = tick_of(broker, world)
    world.give("alice", END)
    for _ in range(3):
        tick()

    assert (world.states(), world.jobs) == ({"alice": "pending_sync"}, {})
    assert world.enabled == {"alice": True}
    world.healthy = Health.healthy()
    tick()
    (job_id,) = world.jobs
    world.end(job_id, JobState.DONE)

    assert (world.states(), world.enabled) == ({"alice": "disabled"}, {"alice": False})


def test_the_provider_is_checked_before_each_batch(broker: LeewardBroker, engine: Engine) -> None:
    world = World(engine, healthy=Health.healthy())
    for number in range(12):
        world.give(f"user-{number}", END)

    tick_of(broker, world)()

    assert (len(world.jobs), world.checks) == (12, 4)


def test_a_health_check_that_is_wrong_keeps_no_account_for_good(broker: LeewardBroker, engine: Engine) -> None:
    world = World(engine, healthy=DOWN)
    tick = tick_of(broker, world)
    world.give("alice", END)
    tick()
    assert not world.jobs

    world.now += timedelta(hours=2)
    tick()

    (job,) = world.jobs.values()
    assert (job.user, job.state) == ("alice", UserState.DISABLED)


def test_an_account_whose_job_to_enable_it_died_is_asked_for_and_never_created(
    broker: LeewardBroker, engine: Engine
) -> None:
    world = World(engine)
    tick = tick_of(broker, world)
    with engine.begin() as connection:
        accounts.record(connection, "jellyfin", "alice", None, job_id="lost")
    world.now += timedelta(days=365)  # PostgreSQL's clock says when the row was written

    tick()

    (job,) = world.jobs.values()
    assert (job.user, job.state, job.create) == ("alice", UserState.ENABLED, False)
