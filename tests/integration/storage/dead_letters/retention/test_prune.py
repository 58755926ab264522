"""Retention on real partitions: what goes, what stays, and that the rest of the world goes on."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, text

from bench.dlq.letters import fill
from storage.dead_letters.groups.rollup import roll_up
from storage.dead_letters.retention import partition_drop
from storage.dead_letters.retention.partitions import REST, make_ahead, partitions
from storage.dead_letters.retention.periods import Retention, Why
from storage.dead_letters.retention.prune import PruneUnderWay, prune
from storage.dead_letters.retention.survey import MONTH_KEPT, Fate, PrunedLine, survey
from storage.dead_letters.state import State

RETENTION = Retention()
# The months of a fleet that is five years older than this test.
MONTH = datetime(2031, 11, 1, tzinfo=UTC)
TABLE = "dead_letters_2031_11"
LATER = datetime(2032, 3, 1, tzinfo=UTC)
RECENT = LATER - timedelta(days=29)
OLD = LATER - timedelta(days=31)
SOMEBODY = "01920000-0000-7000-8000-000000000001"
GOES: dict[str, dict[str, Any]] = {
    "discarded": {"state": "discarded", "finished_at": OLD},
    "recovered": {"state": "recovered", "finished_at": OLD},
    "superseded": {"state": "requeued", "finished_at": OLD, "superseded_by": SOMEBODY},
    "of an older release": {"state": "discarded", "finished_at": None, "updated_at": OLD},
}
STAYS: dict[str, tuple[Why, dict[str, Any]]] = {
    "failed": (Why.OPEN, {"state": "failed"}),
    "reviewing": (Why.OPEN, {"state": "reviewing"}),
    "requeued": (Why.REPLAYED, {"state": "requeued"}),
    "held": (Why.HELD, {"state": "discarded", "finished_at": OLD, "hold": True}),
    "recent": (Why.RECENT, {"state": "discarded", "finished_at": RECENT}),
    "recent, older release": (Why.RECENT, {"state": "recovered", "finished_at": None, "updated_at": RECENT}),
}


@pytest.fixture(autouse=True)
def _months(connection: Connection) -> None:
    make_ahead(connection, MONTH)


def letters(connection: Connection, rows: dict[str, dict[str, Any]], *, until: str = "2031-11-20T00:00Z") -> None:
    """One dead letter for each, called by its name, with a fingerprint."""
    fill(connection, len(rows), days=1, until=until)
    with connection.begin():
        connection.execute(
            text(
                "INSERT INTO dead_letter_groups (fingerprint, provider) VALUES ('f', 'jellyfin') ON CONFLICT DO NOTHING"
            )
        )
        for number, (name, values) in enumerate(rows.items(), start=1):
            changes = {"job_id": name, "fingerprint": "f", "version": 7} | values
            sets = ", ".join(f"{column} = :{column}" for column in changes)
            connection.execute(text(f"UPDATE dead_letters SET {sets} WHERE job_id = 'job-{number}'"), changes)


def places(connection: Connection) -> dict[str, str]:
    with connection.begin():
        return {
            row.job_id: row.place
            for row in connection.execute(text("SELECT job_id, tableoid::regclass::text AS place FROM dead_letters"))
        }


def everything(connection: Connection, table: str = "dead_letters") -> dict[str, Any]:
    with connection.begin():
        return {row.job_id: row._asdict() for row in connection.execute(text(f"SELECT * FROM {table}"))}


def counted(connection: Connection) -> dict[str, int]:
    """What the groups say, by state."""
    states = ", ".join(f"coalesce(sum({state.value}), 0)::int AS {state.value}" for state in State)
    with connection.begin():
        roll_up(connection)
        found = connection.execute(text(f"SELECT {states} FROM dead_letter_groups")).one()
        return {name: letters for name, letters in found._mapping.items() if letters}


def truth(connection: Connection) -> dict[str, int]:
    with connection.begin():
        return {
            row.state: row.letters
            for row in connection.execute(
                text("SELECT state, count(*)::int AS letters FROM dead_letters GROUP BY state")
            )
        }


def test_a_month_that_is_over_is_dropped_and_what_has_to_stay_moves_unchanged(
    engine: Engine, connection: Connection
) -> None:
    letters(connection, GOES | {name: values for name, (_, values) in STAYS.items()})
    before = everything(connection)
    assert counted(connection) == truth(connection)

    with connection.begin():
        dry = survey(connection, RETENTION, LATER).lines
    done = prune(engine, RETENTION, LATER)

    assert places(connection) == dict.fromkeys(STAYS, REST)
    assert everything(connection) == {name: before[name] for name in STAYS}
    assert counted(connection) == truth(connection)
    assert TABLE not in {each.table for each in _partitions(connection)}
    assert _sums(done.lines) == _sums(dry)
    assert Counter(
        {line.why: line.letters for line in dry if line.fate is Fate.MOVED and line.state is State.FAILED}
    ) == {Why.OPEN: 1}
    assert sum(line.letters for line in done.lines if line.fate is Fate.DROPPED) == len(GOES)


def test_a_second_prune_finds_nothing_to_do(engine: Engine, connection: Connection) -> None:
    letters(connection, GOES | {name: values for name, (_, values) in STAYS.items()})
    prune(engine, RETENTION, LATER)
    before = everything(connection)

    again = prune(engine, RETENTION, LATER)

    assert {line.fate for line in again.lines} == {Fate.KEPT}
    assert {line.why for line in again.lines} == {why for why, _ in STAYS.values()}
    assert everything(connection) == before


def test_what_was_moved_is_deleted_when_its_own_time_comes(engine: Engine, connection: Connection) -> None:
    letters(connection, GOES | {name: values for name, (_, values) in STAYS.items()})
    prune(engine, RETENTION, LATER)

    done = prune(engine, RETENTION, LATER + timedelta(days=2))

    deleted = Counter({line.state: line.letters for line in done.lines if line.fate is Fate.DELETED})
    assert deleted == {State.DISCARDED: 1, State.RECOVERED: 1}
    assert everything(connection).keys() == {name for name, (why, _) in STAYS.items() if why is not Why.RECENT}
    assert counted(connection) == truth(connection)


def test_months_with_much_to_keep_and_months_that_are_young_are_left_alone(
    engine: Engine, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.dead_letters.retention.survey.MOVED_AT_ONCE", 1)
    letters(connection, {"one": {"state": "failed"}, "two": {"state": "failed"}, "over": GOES["discarded"]})

    assert _sums(prune(engine, RETENTION, LATER).lines) == {
        (Fate.KEPT, State.FAILED, Why.OPEN): 2,
        (Fate.KEPT, State.DISCARDED, MONTH_KEPT): 1,
    }
    assert set(places(connection).values()) == {TABLE}


def test_a_hold_and_a_late_arrival_during_the_long_look_are_seen(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    letters(connection, GOES)
    november = next(each for each in _partitions(connection) if each.table == TABLE)
    looked = partition_drop._staying

    def look_and_then_somebody_acts(own: Connection, *arguments: Any) -> Any:
        found = looked(own, *arguments)
        with connection.engine.begin() as other:
            other.execute(text("UPDATE dead_letters SET hold = true WHERE job_id = 'discarded'"))
        with connection.engine.connect() as other:
            fill(other, 9, days=0.5, until="2031-11-25T00:00Z")
            other.execute(text("DELETE FROM dead_letters WHERE job_id ~ '^job-' AND state <> 'reviewing'"))
            other.commit()
        return found

    monkeypatch.setattr("storage.dead_letters.retention.partition_drop._staying", look_and_then_somebody_acts)
    moved = partition_drop.retire(connection, november, RETENTION, LATER)

    assert moved == {State.DISCARDED: 1, State.REVIEWING: 2}
    assert set(places(connection).values()) == {REST}


def test_who_dies_between_detaching_and_dropping_leaves_the_rest_to_the_next(
    engine: Engine, connection: Connection
) -> None:
    letters(connection, GOES | {"failed": {"state": "failed"}})
    november = next(each for each in _partitions(connection) if each.table == TABLE)
    partition_drop.retire(connection, november, RETENTION, LATER)
    assert counted(connection) != truth(connection)

    done = prune(engine, RETENTION, LATER)

    assert sum(line.letters for line in done.lines if line.fate is Fate.DROPPED) == len(GOES)
    assert counted(connection) == truth(connection)
    with connection.begin():
        assert connection.execute(text("SELECT to_regclass(:name)"), {"name": f"{TABLE}_retired"}).scalar() is None


def test_who_reads_for_long_is_not_waited_for(
    engine: Engine, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(partition_drop, "ATTEMPTS", 2)
    letters(connection, GOES)
    with engine.connect() as reader:
        reader.execute(text("SELECT count(*) FROM dead_letters"))
        done = prune(engine, RETENTION, LATER)

    (fate,) = {line.fate for line in done.lines}
    assert fate is Fate.KEPT
    assert all("not now" in str(line.why) for line in done.lines)
    assert places(connection) == dict.fromkeys(GOES, TABLE)
    assert prune(engine, RETENTION, LATER).lines != done.lines
    assert places(connection) == {}


def test_only_one_prunes(engine: Engine, connection: Connection) -> None:
    connection.execute(text(f"SELECT pg_advisory_lock({0x6C65_6577_6172_6403})"))
    connection.commit()

    with pytest.raises(PruneUnderWay, match="is running"):
        prune(engine, RETENTION, LATER)


def _partitions(connection: Connection) -> list[Any]:
    with connection.begin():
        return list(partitions(connection))


def _sums(lines: list[PrunedLine]) -> Counter[Any]:
    """Of what goes nobody asks why, and what has moved is told by its state."""
    found: Counter[Any] = Counter()
    for line in lines:
        found[(line.fate, line.state, line.why if line.fate is Fate.KEPT else None)] += line.letters
    return found
