"""The longest that anyone who reads or writes dead letters waits while a month of a million of them is dropped, and how soon it is."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, create_engine, text

from bench.dlq.database import database
from bench.dlq.letters import fill
from bench.dlq.traffic import Traffic, traffic
from bench.report import Report, say
from bench.stage import Stage
from storage.database import migrate
from storage.database.url import parsed
from storage.dead_letters.retention.periods import Retention
from storage.dead_letters.retention.prune import Pruned, prune
from storage.dead_letters.retention.survey import Fate

TARGET_SECONDS = 1.0
SURVIVORS = 500
# The partition that holds everything ends at most two months from now, and is over a period later.
LATER = timedelta(days=130)
# What was dropped has been counted off: from its group, or from what waits to be folded into it. A group that is empty may be gone.
_COUNTED = text("""
    SELECT (SELECT coalesce(sum(failed + reviewing + requeued + discarded + recovered), 0)
            FROM dead_letter_groups WHERE fingerprint = 'f')
         + (SELECT coalesce(sum(letters), 0) FROM dead_letter_changes WHERE fingerprint = 'f')
""")


@dataclass(frozen=True, slots=True)
class Plan:
    letters: int


FULL = Plan(letters=1_000_000)
QUICK = Plan(letters=50_000)


class Wrong(Exception):
    """Raised when what is left is not what had to stay."""


def run(_: Stage, *, quick: bool) -> Report:
    plan = QUICK if quick else FULL
    with database() as url:
        return _measured(url, plan)


def _measured(url: str, plan: Plan) -> Report:
    migrate.upgrade(url)
    engine = create_engine(parsed(url))
    with engine.connect() as connection:
        _load(connection, plan)
    with traffic(url, first=plan.letters + 1) as flow:
        time.sleep(2)
        quiet, began = flow.longest_seconds, time.monotonic()
        pruned = prune(engine, Retention(), datetime.now(UTC) + LATER)
        took = time.monotonic() - began
        time.sleep(1)
    with engine.connect() as connection:
        _check(connection, plan, flow, pruned)
    engine.dispose()
    return _report(plan, flow, quiet, took)


def _load(connection: Connection, plan: Plan) -> None:
    fill(connection, plan.letters, days=20, states=["discarded"])
    with connection.begin():
        step = plan.letters // SURVIVORS
        some = {"ids": [f"job-{number * step}" for number in range(1, SURVIVORS + 1)]}
        connection.execute(text("UPDATE dead_letters SET state = 'failed' WHERE job_id = ANY(:ids)"), some)
        connection.execute(text("INSERT INTO dead_letter_groups (fingerprint, provider) VALUES ('f', 'jellyfin')"))
        some = {"ids": [f"job-{number * step - 1}" for number in range(1, SURVIVORS + 1)]}
        connection.execute(text("UPDATE dead_letters SET fingerprint = 'f' WHERE job_id = ANY(:ids)"), some)
    with connection.execution_options(isolation_level="AUTOCOMMIT") as own:
        own.execute(text("VACUUM ANALYZE dead_letters"))
    say(f"{plan.letters:,} dead letters, of which {SURVIVORS:,} have to stay")


def _check(connection: Connection, plan: Plan, flow: Traffic, pruned: Pruned) -> None:
    left = connection.execute(text("SELECT count(*) FROM dead_letters")).scalar_one()
    counted = connection.execute(_COUNTED).scalar_one()
    dropped = sum(line.letters for line in pruned.lines if line.fate is Fate.DROPPED)
    wanted = (SURVIVORS + len(flow.inserted), plan.letters - SURVIVORS, 0)
    if flow.errors or (left, dropped, counted) != wanted:
        raise Wrong(f"{(left, dropped, counted)} instead of {wanted}; {pruned.lines}; errors: {flow.errors[:3]}")


def _report(plan: Plan, flow: Traffic, quiet: float, took: float) -> Report:
    return Report(
        bench="retention",
        unit="longest wait in seconds",
        plain=None,
        leeward=flow.longest_seconds,
        ratio=None,
        target=f"<= {TARGET_SECONDS:g} s, nothing lost",
        met=flow.longest_seconds <= TARGET_SECONDS,
        details={
            "letters": plan.letters,
            "moved": SURVIVORS,
            "prune_seconds": took,
            "longest_seconds": {name: seen.longest_seconds for name, seen in flow.seen.items()},
            "longest_before_seconds": quiet,
            "statements": {name: seen.done for name, seen in flow.seen.items()},
        },
    )
