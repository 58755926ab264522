"""Every step of an account is on record, and what is wanted of it stays apart from what its provider has confirmed."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection, text

from storage.accounts.accounts import AccountEntry, confirm, extend, of_user, record, remove
from storage.accounts.claims import asked, claim, disable_here, due, failed
from storage.accounts.state import AccountState, AccountStep, Wanted
from storage.accounts.steps import note_if_known, steps_of

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
NONE = timedelta(0)


@pytest.fixture(autouse=True)
def _in_a_transaction(connection: Connection) -> None:
    connection.begin()


def only(connection: Connection, user: str) -> AccountEntry:
    (entry,) = of_user(connection, user)
    return entry


def steps(connection: Connection, user: str) -> list[str]:
    return [entry.step for entry in steps_of(connection, "jellyfin", user)]


def test_while_its_provider_cannot_be_reached_an_account_is_disabled_here_once(connection: Connection) -> None:
    record(connection, "jellyfin", "alice", NOW - HOUR)
    confirm(connection, "jellyfin", "alice", disabled=False, took=NONE)
    record(connection, "jellyfin", "later", NOW + HOUR)
    record(connection, "plex", "bob", NOW - HOUR)

    assert disable_here(connection, "jellyfin", "unhealthy: no answer", NOW) == 1
    assert disable_here(connection, "jellyfin", "unhealthy: no answer", NOW) == 0

    entry = only(connection, "Alice")
    assert (entry.state, entry.wanted, entry.error) == (
        AccountState.PENDING_SYNC,
        Wanted.DISABLED,
        "unhealthy: no answer",
    )
    assert only(connection, "later").wanted is Wanted.ENABLED
    assert steps(connection, "alice") == ["noted", "confirmed", "disabled_here"]


def test_what_was_disabled_here_is_asked_for_until_its_provider_confirms_it(connection: Connection) -> None:
    record(connection, "jellyfin", "alice", NOW - HOUR)
    disable_here(connection, "jellyfin", "unhealthy", NOW)

    (account,) = claim(connection, "jellyfin", NOW)
    asked(connection, account, "job-1")
    assert only(connection, "alice").state is AccountState.EXPIRING
    assert disable_here(connection, "jellyfin", "unhealthy again", NOW) == 0
    confirm(connection, "jellyfin", "alice", disabled=True, took=NONE)

    assert due(connection, NOW + 10 * HOUR) == []
    assert steps(connection, "alice") == ["noted", "disabled_here", "asked", "confirmed"]


def test_accounts_are_taken_five_after_five(connection: Connection) -> None:
    for number in range(7):
        record(connection, "jellyfin", f"user-{number}", NOW - number * HOUR)

    batches = [[one.user for one in claim(connection, "jellyfin", NOW)] for _ in range(3)]

    assert batches == [["user-6", "user-5", "user-4", "user-3", "user-2"], ["user-1", "user-0"], []]


def test_only_those_that_ended_long_ago_are_taken_where_that_is_asked(connection: Connection) -> None:
    record(connection, "jellyfin", "long", NOW - 2 * HOUR)
    record(connection, "jellyfin", "short", NOW - HOUR / 2)

    assert [one.user for one in claim(connection, "jellyfin", NOW, overdue_by=HOUR)] == ["long"]


def test_an_account_whose_job_was_to_enable_it_is_looked_after(connection: Connection) -> None:
    now = connection.execute(text("SELECT now()")).scalar_one()
    record(connection, "jellyfin", "alice", None, job_id="job-1")
    record(connection, "jellyfin", "no-job", None)
    assert due(connection, now) == []  # its job was enqueued just now

    (account,) = claim(connection, "jellyfin", now + HOUR)
    assert (account.user, account.job_id, account.wanted) == ("alice", "job-1", Wanted.ENABLED)
    failed(connection, account, "job job-1 is dead: permanent")
    asked(connection, account, "job-2")
    assert only(connection, "alice").state is AccountState.FAILED
    confirm(connection, "jellyfin", "alice", disabled=False, took=NONE)

    assert due(connection, now + 24 * HOUR) == []
    assert steps(connection, "alice") == ["noted", "failed", "asked", "confirmed"]


def test_an_extended_account_is_wanted_again_and_says_who_did_it(connection: Connection) -> None:
    record(connection, "jellyfin", "alice", NOW - HOUR)
    (account,) = claim(connection, "jellyfin", NOW)

    assert extend(connection, "jellyfin", "ALICE", NOW + HOUR, who="cli:eve@host")
    asked(connection, account, "too late")

    entry = only(connection, "alice")
    assert (entry.state, entry.wanted, entry.job_id) == (AccountState.PENDING_SYNC, Wanted.ENABLED, None)
    step = steps_of(connection, "jellyfin", "alice")[-1]
    assert (step.step, step.who) == ("extended", "cli:eve@host")
    assert step.detail == {"from": (NOW - HOUR).isoformat(), "to": (NOW + HOUR).isoformat()}
    assert not extend(connection, "jellyfin", "bob", None, who="cli:eve@host")


def test_an_attempt_that_runs_again_notes_nothing_new(connection: Connection) -> None:
    for _ in range(3):
        record(connection, "jellyfin", "alice", NOW, job_id="job-1")
        note_if_known(connection, "jellyfin", "Alice", AccountStep.TRIED, attempt=1, error="JELLYFIN_TIMEOUT: slow")
    note_if_known(connection, "jellyfin", "bob", AccountStep.TRIED, attempt=1, error="no account of the book")

    assert steps(connection, "alice") == ["noted", "tried", "tried", "tried"]
    assert steps(connection, "bob") == []


def test_an_account_that_is_deleted_leaves_the_book_and_its_record_stays(connection: Connection) -> None:
    record(connection, "jellyfin", "alice", NOW)

    assert remove(connection, "jellyfin", "ALICE")

    assert of_user(connection, "alice") == []
    assert steps(connection, "alice") == ["noted", "deleted"]
    assert not remove(connection, "jellyfin", "alice")
