"""Whatever way a page is found, it is the one that a look at every row gives."""

import itertools
import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Connection, func, select, text, update

from leeward.jobs.dead_reason import DeadReason
from storage.dead_letters.intake.insert import insert_many
from storage.dead_letters.intake.new_letter import DeadLetter
from storage.dead_letters.search import access_paths, planner
from storage.dead_letters.search.compiled_query import CompiledQuery
from storage.dead_letters.search.filter import Filter
from storage.dead_letters.search.filter_shape import FilterShape
from storage.dead_letters.search.pages import PROMPT, Cursor, page
from storage.dead_letters.search.search import Search
from storage.dead_letters.state import State
from storage.tables import dead_letters
from tests.integration.storage.rows import failing_with, keep, letter
from tests.support.examples import examples
from tests.unit.storage.dead_letters.intake.dead_entries import DIED_AT_MS, message_of

FIRST = datetime.fromtimestamp(DIED_AT_MS / 1000, UTC)
LETTERS = 200
REPLAY = UUID("01920000-0000-7000-8000-0000000000aa")
LONG = "q" * 200
WALKING = Cursor(UUID(int=(1 << 128) - 1), misses=2)


@pytest.fixture
def rows(connection: Connection) -> list[dict[str, Any]]:
    """Dead letters of many kinds, the newest first."""
    chance = random.Random(7)
    with connection.begin():
        insert_many(connection, [_letter(number, chance) for number in range(LETTERS)])
        row = dead_letters.c
        for id_ in connection.execute(dead_letters.select().with_only_columns(row.id)).scalars().all():
            changes = {
                "state": chance.choice(list(State)).value,
                "owner": chance.choice(["ada", "grace", None, None]),
                "hold": chance.random() < 0.2,
                "replay_id": chance.choice([REPLAY, None]),
            }
            if chance.random() < 0.1:
                changes["operation"] = None
            connection.execute(update(dead_letters).where(row.id == id_).values(changes))
        found = connection.execute(dead_letters.select().order_by(row.id.desc())).mappings().all()
    return [dict(each) for each in found]


def _letter(number: int, chance: random.Random) -> DeadLetter:
    said = f"shard {chance.randrange(5)} answered {chance.choice(['slowly', '100%'])}"
    message = message_of(
        message_id=f"job-{number}",
        actor_name=chance.choice(["sync.user", "email.send"]),
        options={"tenant": chance.choice(["t-1", "t-2"])},
    )
    return letter(
        number,
        message=message,
        provider=chance.choice(["jellyfin", "emby", "plex"]),
        error=failing_with(chance.choice(["Transient", "Refused"]), said),
        queue=chance.choice(["sync.jellyfin", LONG]),
        reason=chance.choice(["exhausted", "expired", "permanent"]),
    )


FILTERS: list[dict[str, Any]] = [
    {},
    {"states": (State.FAILED,)},
    {"states": (State.FAILED, State.REQUEUED)},
    {"states": (State.FAILED,), "reasons": (DeadReason.EXPIRED,)},
    {"reasons": (DeadReason.CRASH_LOOP,), "states": (State.FAILED,)},
    {"providers": ("plex", "emby"), "actors": ("email.send",), "reasons": (DeadReason.EXPIRED, DeadReason.PERMANENT)},
    {"operations": ("sync.user",), "states": (State.DISCARDED,)},
    {"queues": (LONG,), "states": (State.FAILED,)},
    {"tenants": ("t-1",)},
    {"tenants": ("t-1", "t-2"), "states": (State.RECOVERED,)},
    {"tenants": ("t-1",), "owners": ("ada",), "providers": ("emby",)},
    {"owners": ("ada", "grace")},
    {"replays": (REPLAY,), "states": (State.FAILED,)},
    {"hold": True},
    {"hold": False, "states": (State.FAILED,), "providers": ("jellyfin",)},
    {"hold": True, "tenants": ("t-2",), "reasons": (DeadReason.EXHAUSTED,)},
    {
        "since": FIRST + timedelta(seconds=100),
        "until": FIRST + timedelta(seconds=200),
        "states": (State.FAILED, State.REVIEWING),
    },
    {"error": "100%"},
    {"error": "SHARD 3", "states": (State.FAILED,)},
    {"text": "slowly shard"},
    {"text": "alice", "providers": ("emby",), "reasons": (DeadReason.EXPIRED,)},
    {"text": "job-17"},
    {"text": "nowhere", "states": (State.FAILED,)},
]


def _matches(row: dict[str, Any], conditions: dict[str, Any]) -> bool:
    columns = {"states": "state", "reasons": "reason", "replays": "replay_id"}
    for name, wanted in conditions.items():
        match name:
            case "hold":
                holds = row["hold"] == wanted
            case "since":
                holds = row["died_at"] >= wanted
            case "until":
                holds = row["died_at"] < wanted
            case "error":
                holds = wanted.lower() in f"{row['error_type']} {row['error_message']}".lower()
            case "text":
                written = f"{row['error']} {row['payload']} {row['job_id']} {row['tenant']}".lower()
                words = "".join(each if each.isalnum() else " " for each in written).split()
                holds = set(wanted.replace("-", " ").split()) <= set(words)
            case _:
                holds = row[columns.get(name, name.removesuffix("s"))] in wanted
        if not holds:
            return False
    return True


@pytest.fixture(params=itertools.product([5, 10_000], [-1, 20, 10_000]), ids=str)
def _bounds(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every way left out, left halfway, and seen through."""
    tries, few = request.param
    bounds = {"FIRST": tries, "FURTHER": 6 * tries, "FEW": few}
    values = {name: planner.Tries(*(each,) * 3) for name, each in bounds.items()}
    for name, value in {**values, "FEW_WRITTEN": few, "LEADING_VALUES": 1}.items():
        monkeypatch.setattr(planner, name, value)


@pytest.mark.usefixtures("_bounds")
def test_every_filter_gives_page_for_page_what_a_look_at_every_row_gives(
    connection: Connection, rows: list[dict[str, Any]]
) -> None:
    some = 0
    for conditions in FILTERS:
        expected = [row["id"] for row in rows if _matches(row, conditions)]
        some += bool(expected)

        for limit in (7, 1000):
            assert _all(connection, Filter(**conditions), limit) == expected, conditions
            for start in (None, WALKING):
                assert _all_in_parts(connection, Filter(**conditions), limit, start) == expected, conditions
    assert some >= len(FILTERS) - 2


@pytest.mark.usefixtures("_bounds")
def test_so_does_any_filter(connection: Connection, rows: list[dict[str, Any]]) -> None:
    chance = random.Random(11)
    for _ in range(examples(15)):
        conditions = _any_conditions(rows, chance)
        expected = [row["id"] for row in rows if _matches(row, conditions)]

        limit = chance.choice([1 + len(expected) // 2, 1000])
        assert _all(connection, Filter(**conditions), limit) == expected, conditions
        assert _all_in_parts(connection, Filter(**conditions), limit, WALKING) == expected, conditions


def _any_conditions(rows: list[dict[str, Any]], chance: random.Random) -> dict[str, Any]:
    """One to five conditions on values that there are; some of them given twice."""
    columns = {"states": "state", "reasons": "reason", "replays": "replay_id"}
    names = ["providers", "queues", "actors", "operations", "tenants", "fingerprints", "owners", *columns]
    chosen: dict[str, Any] = {}
    for name in chance.sample([*names, "hold", "since", "until", "error", "text"], chance.randint(1, 5)):
        match name:
            case "hold":
                chosen[name] = chance.choice([True, False])
            case "since" | "until":
                chosen[name] = FIRST + timedelta(seconds=chance.randrange(200) + 200 * (name == "until"))
            case "error":
                chosen[name] = chance.choice(["sl", "%", "shard 2", "answered"])
            case "text":
                chosen[name] = chance.choice(["slowly", "shard", "job-23", "t-1 alice", "nowhere"])
            case _:
                there = [row[columns.get(name, name.removesuffix("s"))] for row in chance.choices(rows, k=3)]
                chosen[name] = tuple(each for each in there if each is not None) or (there[0] or REPLAY,)
    enums = {"states": State, "reasons": DeadReason}
    return {name: tuple(map(enums[name], given)) if name in enums else given for name, given in chosen.items()}


def _all(connection: Connection, filter_: Filter, limit: int) -> list[UUID]:
    """From whole pages."""
    pages = list(_pages(connection, filter_, limit, None, time_budget=None))
    assert all(len(found) == limit for found in pages[:-1])
    assert pages[-1] or len(pages) == 1
    return [id_ for found in pages for id_ in found]


def _all_in_parts(connection: Connection, filter_: Filter, limit: int, start: Cursor | None) -> list[UUID]:
    """From pages that nobody must wait for."""
    pages = list(_pages(connection, filter_, limit, start, time_budget=PROMPT))
    assert all(len(found) <= limit for found in pages)
    return [id_ for found in pages for id_ in found]


def _pages(
    connection: Connection, filter_: Filter, limit: int, after: Cursor | None, time_budget: timedelta | None
) -> Iterator[list[UUID]]:
    with connection.begin():
        while True:
            rows, after = page(connection, filter_, limit=limit, after=after, time_budget=time_budget)
            yield [row.id for row in rows]
            if after is None:
                return


def test_a_page_that_takes_too_long_ends_early_and_the_next_goes_on_from_there(
    connection: Connection, rows: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    filter_ = Filter(states=(State.FAILED,), reasons=(DeadReason.EXPIRED,))
    expected = [row["id"] for row in rows if _matches(row, {"states": filter_.states, "reasons": filter_.reasons})]
    monkeypatch.setattr(planner, "FIRST", planner.Tries(9, 9, 9))
    monkeypatch.setattr(planner, "FURTHER", planner.Tries(15, 15, 15))
    monkeypatch.setattr(planner, "FEW", planner.Tries(-1, -1, -1))
    tried = []

    def merged(_asked: FilterShape, lead: str | None) -> CompiledQuery:
        tried.append(lead)
        return CompiledQuery(select(func.pg_sleep(60)))

    monkeypatch.setattr(access_paths, "merged", merged)

    with connection.begin():
        first = page(connection, filter_, limit=len(expected), time_budget=PROMPT)
        found, after, parts = first.rows, first.after, 1
        assert after is not None
        assert after.misses == 1
        while after is not None:
            more = page(connection, filter_, limit=len(expected), after=after, time_budget=timedelta(0))
            found, after, parts = found + more.rows, more.after, parts + 1

    assert 0 < len(first.rows) < len(expected)
    assert [row.id for row in found] == expected
    assert parts > 3
    assert len(tried) == 2, "nothing else is tried on a page that comes after two misses"


def test_the_indexes_are_asked_for_combinations_and_words(connection: Connection) -> None:
    """The planner of a small table may prefer to read it; what counts is that it can do otherwise."""
    keep(connection, *(letter(number) for number in range(50)))
    by_facets = Filter(states=(State.FAILED,), reasons=(DeadReason.EXPIRED,))
    by_tenant = Filter(tenants=("t",), states=(State.FAILED,))

    with connection.begin():
        connection.execute(text("SET LOCAL enable_seqscan = off"))
        connection.execute(text("SET LOCAL enable_sort = off"))
        assert "_facets" in _plan(connection, access_paths.merged(by_facets.asked(), None), by_facets)
        assert "tenant_facets" in _plan(connection, access_paths.merged(by_tenant.asked(), "tenant"), by_tenant)
        along_tenant = _plan(connection, access_paths.along(by_tenant.asked(), "tenant"), by_tenant)
        assert "tenant_id" in along_tenant
        assert "pk_" not in along_tenant
        connection.execute(text("SET LOCAL enable_indexscan = off"))
        for filter_ in (Filter(text="rareword"), Filter(error="rare part")):
            assert "Bitmap Index Scan" in _plan(connection, access_paths.fetched(filter_.asked()), filter_)


@pytest.mark.parametrize(
    ("part", "has_some"), [("503", True), ("a! b", False), ("100%", True), ("%", False), ("ок", False)]
)
def test_a_part_of_an_error_without_trigrams_is_not_looked_up_in_their_index(
    connection: Connection, part: str, *, has_some: bool
) -> None:
    with connection.begin():
        asked = Search.of(connection, Filter(error=part), after=None).asked

    assert asked.has_trigrams() is has_some
    assert len(asked.let_in()) == has_some


def _plan(connection: Connection, way: CompiledQuery, filter_: Filter) -> str:
    bounds = {"low": UUID(int=0), "high": UUID(int=1 << 127), "limit": 51}
    plan = json.dumps(way.plan(connection, filter_.values() | bounds))
    assert "Seq Scan" not in plan
    return plan
