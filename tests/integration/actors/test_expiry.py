"""Every account past its end is disabled at its provider in the end, whatever fails in between."""

import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import structlog
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text
from structlog.testing import capture_logs

from actors.accounts.expiry import declare_expire_accounts
from actors.each import NothingDone, each
from broker.broker import LeewardBroker
from broker.events import TickItems
from leeward.errors import JobNotFound
from leeward.extension import Health
from leeward.jobs.sync.user import SyncUser, UserState
from leeward.request import Enqueued
from leeward.status import JobState, JobStatus
from middleware.order import rings
from storage.accounts import accounts, claims
from storage.accounts.claims import Account, Overdue
from tests.support.examples import examples
from tests.support.fleets.workers_under_test import broker_at

END = datetime(2026, 5, 4, 12, tzinfo=UTC)


@pytest.fixture
def broker(valkey_url: str) -> Iterator[LeewardBroker]:
    with broker_at(valkey_url, middleware=rings()) as broker:
        yield broker


@dataclass
class World:
    """A provider, a fleet that runs jobs when the test says so, and the book on a real PostgreSQL."""

    engine: Engine
    fails: "random.Random | None" = None
    now: datetime = END
    enabled: dict[str, bool] = field(default_factory=dict)
    jobs: dict[str, SyncUser] = field(default_factory=dict)
    ended: dict[str, JobStatus] = field(default_factory=dict)
    refuse: set[str] = field(default_factory=set)
    numbers: Iterator[int] = field(default_factory=itertools.count)
    healthy: Health | None = None
    checks: int = 0

    def _maybe_fail(self) -> None:
        if self.fails and self.fails.random() < 0.3:
            raise ConnectionError("as chance has it")

    def give(self, user: str, end: datetime) -> None:
        self.enabled[user.lower()] = True
        with self.engine.begin() as connection:
            accounts.record(connection, "jellyfin", user, end)
            accounts.confirm(connection, "jellyfin", user, disabled=False, took=timedelta(0))

    def due(self) -> list[str]:
        self._maybe_fail()
        with self.engine.begin() as connection:
            return claims.due(connection, self.now)

    def claim(self, provider: str, *, overdue: bool = False) -> list[Account]:
        self._maybe_fail()
        with self.engine.begin() as connection:
            late = timedelta(hours=1) if overdue else None
            return claims.claim(connection, provider, self.now, overdue_by=late)

    def disable_here(self, provider: str, why: str) -> int:
        with self.engine.begin() as connection:
            return claims.disable_here(connection, provider, why, self.now)

    def health(self, _: str) -> Health | None:
        self.checks += 1
        return self.healthy

    def asked(self, account: Account, job_id: str) -> None:
        self._maybe_fail()
        with self.engine.begin() as connection:
            claims.asked(connection, account, job_id)

    def failed(self, account: Account, error: str) -> None:
        self._maybe_fail()
        with self.engine.begin() as connection:
            claims.failed(connection, account, error)

    def overdue(self) -> Overdue:
        with self.engine.begin() as connection:
            return claims.overdue(connection, timedelta(hours=1), self.now)

    def enqueue(self, job: SyncUser, /) -> Enqueued:
        self._maybe_fail()
        if job.user in self.refuse:
            raise ValueError("refused")
        job_id = f"job-{next(self.numbers)}"
        self.jobs[job_id] = job
        return Enqueued(job_id, "jellyfin")

    def status(self, job_id: str) -> JobStatus:
        self._maybe_fail()
        if job_id in self.jobs:
            return JobStatus(job_id, "jellyfin", JobState.READY)
        if job_id not in self.ended:
            raise JobNotFound(job_id)
        return self.ended[job_id]

    def end(self, job_id: str, state: JobState, *, noted: bool = True) -> None:
        """A worker runs a job, or somebody cancels it, or it dies."""
        job = self.jobs.pop(job_id)
        self.ended[job_id] = JobStatus(
            job_id, "jellyfin", state, reason="permanent" if state is JobState.DEAD else None
        )
        if state is JobState.DONE:
            assert job.state is UserState.DISABLED
            self.enabled[job.user.lower()] = False
            if noted:
                with self.engine.begin() as connection:
                    accounts.confirm(connection, "jellyfin", job.user, disabled=True, took=timedelta(0))

    def states(self) -> dict[str, str]:
        with self.engine.begin() as connection:
            return {entry.user: entry.state.value for entry in accounts.listed(connection)}


def tick_of(broker: LeewardBroker, world: World) -> Any:
    return declare_expire_accounts(broker, lambda: world, world, world.health, schedule="*/5 * * * *").fn


def test_one_account_that_cannot_be_asked_for_keeps_no_other(broker: LeewardBroker, engine: Engine) -> None:
    world = World(engine, refuse={"alice"})
    for number, user in enumerate(("alice", "bob", "carol")):
        world.give(user, END - timedelta(hours=3 - number))
    told: list[TickItems] = []
    broker.events.subscribe(TickItems, told.append)

    tick_of(broker, world)()
    for job_id in list(world.jobs):
        world.end(job_id, JobState.DONE)

    assert world.states() == {"alice": "failed", "bob": "disabled", "carol": "disabled"}
    assert told == [TickItems("expire.accounts", done=2, failed=1)]


def test_names_that_differ_in_case_and_share_an_end_are_disabled(broker: LeewardBroker, engine: Engine) -> None:
    world, tick = World(engine), None
    tick = tick_of(broker, world)
    world.give("Alice", END)
    tick()
    world.give("alice", END)
    world.give("bob", END)
    tick()
    for job_id in list(world.jobs):
        world.end(job_id, JobState.DONE)

    assert world.states() == {"alice": "disabled", "bob": "disabled"}
    assert not any(world.enabled.values())


@pytest.mark.parametrize(
    ("fate", "state"),
    [(JobState.CANCELLED, "failed"), (JobState.DEAD, "failed"), (None, "expiring"), ("lost", "expiring")],
)
def test_a_job_that_did_not_do_it_is_asked_for_again(
    broker: LeewardBroker, engine: Engine, fate: JobState | str | None, state: str
) -> None:
    world = World(engine)
    tick = tick_of(broker, world)
    world.give("alice", END)
    tick()
    (first,) = world.jobs
    if isinstance(fate, JobState):
        world.end(first, fate)
    elif fate == "lost":
        del world.jobs[first]
    else:
        world.end(first, JobState.DONE, noted=False)  # PostgreSQL was away when it had done it

    world.now += timedelta(hours=2)
    tick()

    (second,) = world.jobs
    assert second != first
    assert world.states() == {"alice": state}
    world.end(second, JobState.DONE)
    assert world.states() == {"alice": "disabled"}


def test_a_job_that_waits_out_an_outage_is_left_to_it(broker: LeewardBroker, engine: Engine) -> None:
    world = World(engine)
    tick = tick_of(broker, world)
    world.give("alice", END)
    for _ in range(10):
        tick()
        world.now += timedelta(hours=2)

    assert len(world.jobs) == 1
    assert world.states() == {"alice": "expiring"}


def test_accounts_that_stay_enabled_are_told(
    broker: LeewardBroker, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("actors.accounts.expiry._log", structlog.get_logger())
    world = World(engine, now=END + timedelta(hours=2))
    world.give("alice", END)

    with capture_logs() as lines:
        tick_of(broker, world)()

    (line,) = (line for line in lines if line["event"] == "accounts_not_disabled")
    assert (line["log_level"], line["count"], line["oldest"]) == ("error", 1, END.isoformat())


def test_a_tick_that_could_do_nothing_has_not_run(broker: LeewardBroker, engine: Engine) -> None:
    world = World(engine, refuse={"alice", "bob"})
    for user in ("alice", "bob"):
        world.give(user, END)

    with pytest.raises(NothingDone, match="none of 2"):
        tick_of(broker, world)()


def test_each_item_is_done_on_its_own(broker: LeewardBroker) -> None:
    done: list[int] = []

    def do(item: int) -> None:
        if item % 3 == 0:
            raise RuntimeError(f"not {item}")
        done.append(item)

    tally = each(broker, "some.actor", range(10), do, str)

    assert (done, tally.done, tally.failed) == ([1, 2, 4, 5, 7, 8], 6, 4)
    assert each(broker, "some.actor", [], do, str).done == 0


@settings(max_examples=examples(8), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    ends=st.lists(st.integers(0, 600), min_size=1, max_size=8),
    seed=st.integers(0, 2**32),
)
def test_every_account_is_disabled_in_the_end_whatever_fails(
    broker: LeewardBroker, engine: Engine, ends: list[int], seed: int
) -> None:
    """Books and fleets that fail by chance, jobs that are cancelled, die, are lost or are done without anybody noting it."""
    with engine.begin() as connection:
        connection.execute(text("TRUNCATE accounts"))
    broker.actors.pop("expire.accounts", None)
    chance = random.Random(seed)
    world = World(engine, fails=chance)
    tick = tick_of(broker, world)
    for number, minutes in enumerate(ends):
        world.give(chance.choice(["User", "user"]) + f"-{number % 5}", END + timedelta(minutes=minutes))
    for _ in range(30):
        world.now += timedelta(minutes=chance.randint(1, 60))
        _or_not(tick)
        _happens(world, chance)

    world.fails, world.now = None, world.now + timedelta(hours=20)
    for _ in range(3):
        tick()
        world.now += timedelta(hours=2)
        for job_id in list(world.jobs):
            world.end(job_id, JobState.DONE)

    assert not any(world.enabled.values())
    assert set(world.states().values()) == {"disabled"}


def _or_not(tick: Any) -> None:
    try:
        tick()
    except (ConnectionError, NothingDone):
        return  # the ring that retries has it run again


def _happens(world: World, chance: random.Random) -> None:
    for job_id in list(world.jobs):
        match chance.randint(0, 5):
            case 0:
                world.end(job_id, chance.choice([JobState.CANCELLED, JobState.DEAD]))
            case 1:
                del world.jobs[job_id]
            case 2:
                world.end(job_id, JobState.DONE, noted=chance.random() < 0.5)
    user = f"user-{chance.randint(0, 4)}"
    if user in world.enabled and chance.random() < 0.1:  # somebody enables it again
        world.enabled[user] = True
        with world.engine.begin() as connection:
            accounts.confirm(connection, "jellyfin", user, disabled=False, took=timedelta(0))
