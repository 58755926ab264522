"""The longest that anyone who reads or writes dead letters waits while a million of them become partitions."""

import time
from dataclasses import dataclass

from sqlalchemy import Connection, create_engine, text

from bench.dlq.database import database
from bench.dlq.letters import fill
from bench.dlq.traffic import Traffic, traffic
from bench.report import Report, say
from bench.stage import Stage
from storage.database import migrate
from storage.database.url import parsed

TARGET_SECONDS = 1.0
BEFORE = "0002"
DAYS = 40.0


@dataclass(frozen=True, slots=True)
class Plan:
    letters: int


FULL = Plan(letters=1_000_000)
QUICK = Plan(letters=50_000)


class Lost(Exception):
    """Raised when something that the server had confirmed is not in the table: no figure can make up for that."""


def run(_: Stage, *, quick: bool) -> Report:
    plan = QUICK if quick else FULL
    with database() as url:
        return _measured(url, plan)


def _measured(url: str, plan: Plan) -> Report:
    migrate.upgrade(url, BEFORE)
    engine = create_engine(parsed(url))
    with engine.connect() as connection:
        fill(connection, plan.letters, days=DAYS)
        say(f"{plan.letters:,} dead letters at schema {BEFORE}")
    with traffic(url, first=plan.letters + 1) as flow:
        time.sleep(2)
        quiet = flow.longest_seconds
        began = time.monotonic()
        migrate.upgrade(url)
        took = time.monotonic() - began
        time.sleep(1)
    with engine.connect() as connection:
        _check(connection, plan, flow)
    engine.dispose()
    return _report(plan, flow, quiet, took)


def _check(connection: Connection, plan: Plan, flow: Traffic) -> None:
    letters = connection.execute(text("SELECT count(*) FROM dead_letters")).scalar_one()
    decisions = connection.execute(text("SELECT sum(version - 1) FROM dead_letters")).scalar_one()
    wanted = (plan.letters + len(flow.inserted), len(flow.decided))
    if flow.errors or (letters, decisions) != wanted:
        raise Lost(f"{letters:,} letters and {decisions:,} decisions instead of {wanted}; errors: {flow.errors[:3]}")


def _report(plan: Plan, flow: Traffic, quiet: float, took: float) -> Report:
    return Report(
        bench="migration",
        unit="longest wait in seconds",
        plain=None,
        leeward=flow.longest_seconds,
        ratio=None,
        target=f"<= {TARGET_SECONDS:g} s, nothing lost",
        met=flow.longest_seconds <= TARGET_SECONDS,
        details={
            "letters": plan.letters,
            "migration_seconds": took,
            "longest_seconds": {name: seen.longest_seconds for name, seen in flow.seen.items()},
            "longest_before_seconds": quiet,
            "statements": {name: seen.done for name, seen in flow.seen.items()},
            "lost": 0,
        },
    )
