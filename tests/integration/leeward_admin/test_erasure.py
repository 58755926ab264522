"""A person's data leaves the fleet, and nobody else's does."""

import json

import pytest
import redis
from sqlalchemy import Connection, Engine, insert, select, text

from leeward import Leeward, SyncUser
from leeward.status import JobState
from leeward.wire.keys import QUEUES
from leeward_admin.erasure import Erasure
from storage.accounts.state import AccountStep
from storage.accounts.steps import note
from storage.accounts.tables import account_steps, accounts
from storage.dead_letters.audit import EventKind, NewEvent, record
from storage.dead_letters.state import State
from storage.naming import metadata
from tests.integration.broker.lab import Lab
from tests.integration.storage.rows import events, keep, letter, read
from tests.unit.storage.dead_letters.intake.dead_entries import message_of

ALICE = "alice@example.org"
WHO = "cli:ada@host"


@pytest.fixture
def erasure(engine: Engine, valkey: "redis.Redis") -> Erasure:
    valkey.sadd(QUEUES, "lab")
    return Erasure(engine, valkey, lambda: ["lab", "jellyfin"], lambda: None)


@pytest.fixture
def lab(valkey: "redis.Redis") -> Lab:
    return Lab(valkey)


def everything(connection: Connection) -> str:
    """All text that PostgreSQL holds."""
    with connection.begin():
        rows = [
            str(row)
            for table in metadata.sorted_tables
            for row in connection.execute(select(text(f"t::text FROM {table.name} t")))
        ]
    return "\n".join(rows)


def test_letters_lose_the_person_and_others_stay_as_they_were(erasure: Erasure, connection: Connection) -> None:
    error = json.dumps({"type": "Permanent", "message": f"550 <{ALICE}>: no such user"})
    hers = letter(1, message=message_of(SyncUser(user=ALICE), message_id="job-1"), error=error)
    (mine, others) = keep(connection, hers, letter(2))
    before = read(connection, others)

    report = erasure.erase("Alice@Example.org", who=WHO)

    erased = read(connection, mine)
    assert report.counts["dead letters"] == 1
    assert erased.payload["user"] == report.pseudonym
    assert ALICE.encode() not in erased.message
    assert (erased.state, erased.replay_refusal) == (State.DISCARDED, "a person's data was erased from it")
    assert read(connection, others) == before
    assert ALICE not in everything(connection).lower()


def test_the_audit_is_pseudonymised_and_nothing_else_may_change_it(erasure: Erasure, connection: Connection) -> None:
    (id_,) = keep(connection, letter(1))
    with connection.begin():
        record(connection, [NewEvent(id_, EventKind.NOTED, who=ALICE, detail={"note": f"{ALICE} called"})])

    report = erasure.erase(ALICE, who=WHO)

    (event,) = events(connection, id_)
    assert (event.who, event.detail) == (report.pseudonym, {"note": f"{report.pseudonym} called"})
    assert report.counts["audit"] == 1
    with pytest.raises(Exception, match="append-only"), connection.begin():
        connection.execute(text("UPDATE dead_letter_events SET who = 'x'"))


def test_a_dry_run_counts_and_changes_nothing(erasure: Erasure, connection: Connection) -> None:
    keep(connection, letter(1, message=message_of(SyncUser(user=ALICE), message_id="job-1")))
    before = everything(connection)

    report = erasure.find(ALICE)

    assert report.counts["dead letters"] == 1
    assert report.record is None
    assert everything(connection) == before


def test_letters_under_legal_hold_are_left_and_named(erasure: Erasure, connection: Connection) -> None:
    (id_,) = keep(connection, letter(1, message=message_of(SyncUser(user=ALICE), message_id="job-1")))
    with connection.begin():
        connection.execute(text("UPDATE dead_letters SET hold = true"))

    report = erasure.erase(ALICE, who=WHO)

    assert [(one.what, one.id) for one in report.remains] == [("dead letter", str(id_))]
    assert report.counts["dead letters"] == 0
    assert read(connection, id_).payload["user"] == ALICE


def test_an_account_that_is_still_to_be_disabled_stays_and_others_go(erasure: Erasure, connection: Connection) -> None:
    rows: list[dict[str, object]] = [
        {"provider": "one", "user_name": "Alice@example.org", "state": "disabled", "expires_at": None},
        {"provider": "two", "user_name": ALICE, "state": "active", "expires_at": "2030-01-01T00:00:00Z"},
        {"provider": "one", "user_name": "bob", "state": "active", "expires_at": None},
    ]
    with connection.begin():
        connection.execute(insert(accounts), rows)
        for name, user in (("one", "Alice@example.org"), ("two", ALICE), ("gone", ALICE), ("one", "bob")):
            note(connection, name, user, AccountStep.NOTED)

    report = erasure.erase(ALICE, who=WHO)

    with connection.begin():
        steps = connection.execute(select(account_steps.c.provider, account_steps.c.user_name)).all()
        left = connection.execute(select(accounts.c.provider, accounts.c.user_name).order_by(accounts.c.provider)).all()
    assert [tuple(each) for each in left] == [("one", "bob"), ("two", ALICE)]
    assert sorted(map(tuple, steps)) == [("one", "bob"), ("two", ALICE)]
    assert report.counts["accounts"] == 1
    assert [(one.what, one.id) for one in report.remains] == [("account", "two")]


def test_results_keys_and_events_lose_the_person(erasure: Erasure, lab: Lab) -> None:
    lab.enqueue("done", key=f"invite-{ALICE}")
    lab.settle(lab.admit(1).jobs[0], "done", result=f'{{"mail":"{ALICE}"}}', key=f"invite-{ALICE}")
    lab.client.xadd(lab.keys.event_stream, {"name": "user.disabled", "data": f'{{"user":"{ALICE}"}}'})
    lab.client.xadd(lab.keys.event_stream, {"name": "user.disabled", "data": '{"user":"bob"}'})

    report = erasure.erase(ALICE, who=WHO)

    kept = lab.client.get(lab.keys.outcome("done"))
    assert isinstance(kept, bytes)
    assert json.loads(kept)["result"] == {"mail": report.pseudonym}
    assert lab.client.pttl(lab.keys.outcome("done")) > 0
    assert lab.client.keys("*alice*") == []
    assert lab.client.xlen(lab.keys.event_stream) == 1
    assert {name: number for name, number in report.counts.items() if number} == {
        "results": 1,
        "idempotency keys": 1,
        "events": 1,
    }


def test_jobs_that_wait_are_named_or_cancelled_and_running_ones_are_left(
    erasure: Erasure, lab: Lab, valkey_url: str
) -> None:
    with Leeward(valkey_url) as fleet:
        waiting = fleet.enqueue(SyncUser(user=ALICE)).job_id
        fleet.enqueue(SyncUser(user="bob"))
    lab.enqueue("runs", message=message_of(SyncUser(user=ALICE), message_id="runs"))
    lab.admit(1)

    told = erasure.erase(ALICE, who=WHO)
    assert {(one.what, one.id) for one in told.remains} == {("waiting job", waiting), ("running job", "runs")}

    done = erasure.erase(ALICE, who=WHO, cancel_jobs=True)
    assert (done.counts["cancelled jobs"], [one.id for one in done.remains]) == (1, ["runs"])
    with Leeward(valkey_url) as fleet:
        assert fleet.status(waiting).state is JobState.CANCELLED


def test_the_record_says_that_it_was_done_and_not_for_whom(erasure: Erasure, connection: Connection) -> None:
    keep(connection, letter(1, message=message_of(SyncUser(user=ALICE), message_id="job-1")))

    report = erasure.erase(ALICE, who=WHO)
    erasure.erase("bob@example.org", who=WHO)

    (found,) = erasure.records(ALICE.upper())
    assert report.record == found
    assert (found.who, found.counts["dead letters"], found.subject_hash) == (WHO, 1, report.subject_hash)
    assert len(erasure.records()) == 2
    assert ALICE not in everything(connection).lower()


def test_once_more_finds_nothing(erasure: Erasure, connection: Connection) -> None:
    keep(connection, letter(1, message=message_of(SyncUser(user=ALICE), message_id="job-1")))
    erasure.erase(ALICE, who=WHO)

    assert sum(erasure.erase(ALICE, who=WHO).counts.values()) == 0
