"""From the last of 10,000 deaths until all of them are in PostgreSQL, and dead letters written per second when they have gathered."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from dramatiq import Message
from sqlalchemy import Engine, func, select

from bench.dlq.database import database
from bench.report import Report, say
from bench.stage import QUEUE, Stage
from bench.systems import LEEWARD
from bench.waiting import wait_for
from leeward.wire.entry import entry_of, submit
from storage.database import migrate
from storage.database.engine import create_engine
from storage.tables import dead_letters
from workers.background.drainer import Drainer

TARGET_SECONDS = 10.0
DYING = replace(LEEWARD, name="leeward, dying", worker_module="bench.worker.dying:broker")
_BATCH = 500
_LIMIT_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Plan:
    jobs: int


FULL = Plan(jobs=10_000)
QUICK = Plan(jobs=2_000)


def run(stage: Stage, *, quick: bool) -> Report:
    plan = QUICK if quick else FULL
    with database() as url:
        migrate.upgrade(url)
        engine = create_engine(url)
        lag, deaths = _while_they_die(stage, engine, plan)
        rate = _gathered(stage, engine, plan)
        engine.dispose()
    return Report(
        bench="dlq-drain",
        unit="seconds after the last death",
        plain=None,
        leeward=lag,
        ratio=None,
        target=f"<= {TARGET_SECONDS:g} s for {FULL.jobs:,} deaths",
        met=lag <= TARGET_SECONDS,
        details={"jobs": plan.jobs, "deaths_per_second": deaths, "gathered_per_second": rate},
    )


def _while_they_die(stage: Stage, engine: Engine, plan: Plan) -> tuple[float, float]:
    """With a drainer at work: how long it needs after the last death, and how fast they died."""
    with _draining(stage, engine):
        began = time.monotonic()
        _die(stage, range(plan.jobs))
        last = time.monotonic()
        _wait_for_rows(engine, plan.jobs)
        lag = time.monotonic() - last
    say(f"{plan.jobs / (last - began):,.0f} deaths/s, all in PostgreSQL {lag:.2f} s after the last")
    return lag, plan.jobs / (last - began)


def _gathered(stage: Stage, engine: Engine, plan: Plan) -> float:
    """Rows per second that a drainer writes from a full outbox while nothing else happens."""
    _die(stage, range(plan.jobs, 2 * plan.jobs))
    began = time.monotonic()
    with _draining(stage, engine):
        _wait_for_rows(engine, 2 * plan.jobs)
    rate = plan.jobs / (time.monotonic() - began)
    say(f"{rate:,.0f} gathered dead letters/s")
    return rate


def _die(stage: Stage, numbers: range) -> None:
    """Returns at the last death."""
    with stage.fleet(DYING) as fleet:
        fleet.stop()
        for first in range(numbers.start, numbers.stop, _BATCH):
            part = range(first, min(first + _BATCH, numbers.stop))
            submit(stage.client, QUEUE, [entry_of(_message(number)) for number in part])
        fleet.go_on()
        stage.wait_until_drained(DYING)


def _message(number: int) -> "Message[None]":
    return Message(queue_name=QUEUE, actor_name="die", args=(number,), kwargs={}, options={})


def _wait_for_rows(engine: Engine, wanted: int) -> None:
    def rows() -> int:
        with engine.connect() as connection:
            return connection.execute(select(func.count()).select_from(dead_letters)).scalar_one()

    wait_for(lambda: rows() == wanted, f"{wanted:,} dead letters", limit_seconds=_LIMIT_SECONDS, every_seconds=0.05)


@contextmanager
def _draining(stage: Stage, engine: Engine) -> Iterator[None]:
    drainer = Drainer(stage.client, engine, lambda: [QUEUE])
    drainer.start()
    try:
        yield
    finally:
        drainer.stop()
