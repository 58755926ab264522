"""Pages of dead letters by every kind of filter among a million, and how long the slowest takes."""

import itertools
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, text

from bench.dlq.filters import deep, filters
from bench.dlq.load import ROWS, load
from bench.quantiles import quantile
from bench.report import Report, say
from bench.stage import Stage
from storage.database import migrate
from storage.database.engine import create_engine
from storage.dead_letters.groups.failure_groups import PAGE_SIZE as GROUPS_PAGE_SIZE
from storage.dead_letters.groups.failure_groups import groups
from storage.dead_letters.groups.group_query import GroupQuery
from storage.dead_letters.search.filter import Filter
from storage.dead_letters.search.pages import PAGE_SIZE, PROMPT, Cursor, Page, page
from workers.embedded import EmbeddedPostgres

TARGET_MS = 50.0
GROUPS_TARGET_MS = 300.0
RUNS, QUICK_RUNS = 100, 10
WHOLE_RUNS = 3
QUICK_ROWS = 20_000
_ALL_GROUPS = 1_000
_BEFORE_THE_INDEXES = "0005"
"""The revision without the indexes for searching: made after the rows they take a fraction of the time."""


def run(_stage: Stage, *, quick: bool) -> Report:
    """Loads the rows and times the first page, the next one and one from the middle on, of every filter."""
    with TemporaryDirectory(prefix="leeward bench ") as folder:
        server = EmbeddedPostgres(Path(folder))
        server.start()
        try:
            return measured(loaded(server.url, QUICK_ROWS if quick else ROWS), QUICK_RUNS if quick else RUNS)
        finally:
            server.kill()


def loaded(url: str, rows: int) -> Engine:
    """A database with that many dead letters."""
    engine = create_engine(url, application="leeward bench")
    migrate.upgrade(url, _BEFORE_THE_INDEXES)
    say(f"loading {rows:,} dead letters")
    load(engine, rows=rows, now=datetime.now(UTC))
    say("making the indexes")
    migrate.upgrade(url)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM (ANALYZE) dead_letters"))
    return engine


def measured(engine: Engine, runs: int) -> Report:
    """The figures of every filter. Each page is a transaction of its own on one connection, after two that are not counted.

    Where the first page is not whole, those that follow it are timed as well, each where it begins, and the whole one.
    """
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT count(*) FROM dead_letters")).scalar_one()
        chosen, middle = filters(connection, datetime.now(UTC)), deep(connection)
    figures = {name: _figures(engine, filter_, middle, runs) for name, filter_ in chosen.items()}
    slowest = max(each["p95_ms"] for each in figures.values())
    missed = sorted(name for name, each in figures.items() if each["p95_ms"] > TARGET_MS)
    grouped = _groups(engine, runs)
    missed += sorted(name for name, p95_ms in grouped.items() if p95_ms > GROUPS_TARGET_MS)
    return Report(
        bench="dlq",
        unit="p95 ms of a page, slowest filter",
        plain=None,
        leeward=slowest,
        ratio=None,
        target=f"every page of every filter within {TARGET_MS:.0f} ms at p95 of 1,000,000 rows, groups within {GROUPS_TARGET_MS:.0f} ms",
        met=not missed,
        details={"rows": rows, "runs": runs, "missed": missed, "groups_p95_ms": grouped, "filters": figures},
    )


def _groups(engine: Engine, runs: int) -> dict[str, float]:
    """p95 of the first page of groups, and of all of them as one page."""

    def ask(limit: int) -> object:
        with engine.begin() as connection:
            return groups(connection, GroupQuery(any_state=True), now=datetime.now(UTC), limit=limit)

    sizes = {"groups_page": GROUPS_PAGE_SIZE, "groups_all": _ALL_GROUPS}
    return {name: quantile(_took_ms(lambda size=size: ask(size), runs), 0.95) for name, size in sizes.items()}


def _figures(engine: Engine, filter_: Filter, middle: UUID, runs: int) -> dict[str, Any]:
    with engine.connect() as connection:

        def ask(after: Cursor | None = None, time_budget: timedelta | None = PROMPT) -> Page:
            with connection.begin():
                return page(connection, filter_, after=after, time_budget=time_budget)

        first = ask()
        pages = {"first": None, "middle": Cursor(middle)} | ({"next": first.after} if first.after else {})
        took = {name: _took_ms(lambda after=after: ask(after), runs) for name, after in pages.items()}
        whole = {}
        if first.after and len(first.rows) < PAGE_SIZE:
            took["part"] = list(itertools.islice(_parts_ms(ask, first.after), runs))
            whole = {"whole_first_p50_ms": quantile(_took_ms(lambda: ask(time_budget=None), WHOLE_RUNS), 0.5)}
    figures = {
        f"{name}_{label}_ms": quantile(values, q)
        for name, values in took.items()
        for label, q in (("p50", 0.5), ("p95", 0.95))
    }
    found = {"rows_on_first_page": len(first.rows), "p95_ms": max(quantile(values, 0.95) for values in took.values())}
    say(f"{found['p95_ms']:8.1f} ms  {filter_.to_json()}")
    return found | figures | whole


def _parts_ms(ask: Callable[[Cursor], Page], after: Cursor) -> Iterator[float]:
    """How long each of the pages takes that follow one another until there is a whole one; and from the start again."""
    while True:
        rows, following = 0, after
        while following and rows < PAGE_SIZE:
            began = time.perf_counter()
            found = ask(following)
            yield (time.perf_counter() - began) * 1000
            rows, following = rows + len(found.rows), found.after


def _took_ms(ask: Callable[[], object], runs: int) -> list[float]:
    for _ in range(2):
        ask()
    took = []
    for _ in range(runs):
        began = time.perf_counter()
        ask()
        took.append((time.perf_counter() - began) * 1000)
    return took
