from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection, text

from storage.accounts.accounts import confirm, listed, record
from storage.accounts.claims import FIRST_PAUSE, LONGEST_PAUSE, Account, asked, due, failed, overdue
from storage.accounts.claims import claim as claim_of
from storage.accounts.state import AccountState

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
NONE = timedelta(0)


@pytest.fixture(autouse=True)
def _in_a_transaction(connection: Connection) -> None:
    connection.begin()


def claim(connection: Connection, now: datetime) -> list[Account]:
    """Of every provider."""
    return [one for name in due(connection, now) for one in claim_of(connection, name, now)]


def states(connection: Connection) -> dict[str, str]:
    return {entry.user: entry.state.value for entry in listed(connection)}


def users(found: list[Account]) -> list[str]:
    return [account.user for account in found]


def test_those_whose_end_has_come_are_taken_longest_overdue_first(connection: Connection) -> None:
    record(connection, "jellyfin", "late", NOW - HOUR)
    record(connection, "jellyfin", "later", NOW - 2 * HOUR)
    record(connection, "plex", "now", NOW)
    record(connection, "jellyfin", "future", NOW + HOUR)
    record(connection, "jellyfin", "never", None)

    assert users(claim_of(connection, "jellyfin", NOW, limit=1)) == ["later"]
    assert users(claim(connection, NOW)) == ["late", "now"]
    assert claim(connection, NOW) == []


def test_a_name_is_the_same_whatever_its_case(connection: Connection) -> None:
    record(connection, "jellyfin", "Alice", NOW - HOUR)
    record(connection, "jellyfin", "ALICE", NOW - 2 * HOUR)
    record(connection, "emby", "alice", NOW - 3 * HOUR)

    assert users(claim(connection, NOW)) == ["alice", "ALICE"]


def test_what_is_not_confirmed_is_taken_again_with_growing_pauses(connection: Connection) -> None:
    record(connection, "jellyfin", "alice", NOW - HOUR)
    now, pauses = NOW, []
    (account,) = claim(connection, now)
    for _ in range(8):
        asked(connection, account, f"job-{account.asks}")
        since = now
        while not (found := claim(connection, now)):
            now += timedelta(minutes=1)
        (again,) = found
        assert (again.job_id, again.asks) == (f"job-{account.asks}", account.asks + 1)
        account = again
        pauses.append(now - since)

    assert pauses == sorted(pauses)
    assert (pauses[0], pauses[-1]) == (FIRST_PAUSE, LONGEST_PAUSE)


def test_an_account_is_disabled_when_the_provider_has_said_so(connection: Connection) -> None:
    record(connection, "jellyfin", "alice", NOW - HOUR)
    assert states(connection) == {"alice": "pending_sync"}
    confirm(connection, "jellyfin", "alice", disabled=False, took=NONE)
    assert states(connection) == {"alice": "active"}
    claim(connection, NOW)
    assert states(connection) == {"alice": "expiring"}

    assert confirm(connection, "jellyfin", "ALICE", disabled=True, took=NONE)

    assert states(connection) == {"alice": "disabled"}
    assert claim(connection, NOW + timedelta(days=1)) == []


def test_what_was_said_before_the_end_does_not_count_for_the_time_after_it(connection: Connection) -> None:
    """A job that disabled an account, and tells so after somebody has enabled it again with a later end."""
    end = connection.execute(text("SELECT now()")).scalar_one()
    record(connection, "jellyfin", "alice", end)
    confirm(connection, "jellyfin", "alice", disabled=True, took=timedelta(seconds=1))

    assert states(connection) == {"alice": "disabled"}
    assert users(claim(connection, end)) == ["alice"]


def test_an_account_that_is_enabled_after_its_end_is_taken_again(connection: Connection) -> None:
    record(connection, "jellyfin", "alice", NOW - HOUR)
    claim(connection, NOW)
    confirm(connection, "jellyfin", "alice", disabled=True, took=NONE)
    confirm(connection, "jellyfin", "alice", disabled=False, took=NONE)

    assert users(claim(connection, NOW)) == ["alice"]


def test_an_account_with_a_new_end_is_left_alone_until_then(connection: Connection) -> None:
    record(connection, "jellyfin", "alice", NOW - HOUR)
    (account,) = claim(connection, NOW)
    record(connection, "jellyfin", "alice", NOW + HOUR)
    asked(connection, account, "job-1")
    failed(connection, account, "the old one")

    assert claim(connection, NOW) == []
    (entry,) = listed(connection)
    assert (entry.state, entry.job_id, entry.error) == (AccountState.PENDING_SYNC, None, None)
    assert users(claim(connection, NOW + 2 * HOUR)) == ["alice"]


def test_a_failure_is_kept_until_the_provider_confirms(connection: Connection) -> None:
    record(connection, "jellyfin", "alice", NOW - HOUR)
    (account,) = claim(connection, NOW)
    failed(connection, account, "job 1 is dead: permanent")

    (again,) = claim(connection, NOW + HOUR)
    asked(connection, again, "job-2")
    (entry,) = listed(connection, states=[AccountState.FAILED])
    assert (entry.user, entry.error, entry.job_id, entry.asks) == ("alice", "job 1 is dead: permanent", "job-2", 2)
    confirm(connection, "jellyfin", "alice", disabled=True, took=NONE)

    (entry,) = listed(connection)
    assert (entry.state, entry.error, entry.job_id, entry.asks) == (AccountState.DISABLED, None, None, 0)


def test_rows_of_an_earlier_release_count_as_asked_for(connection: Connection) -> None:
    record(connection, "jellyfin", "alice", NOW - HOUR)
    connection.execute(text("UPDATE accounts SET state = 'expired'"))

    assert [entry.user for entry in listed(connection, states=[AccountState.EXPIRING])] == ["alice"]
    assert states(connection) == {"alice": "expiring"}
    assert users(claim(connection, NOW)) == ["alice"]


def test_a_pause_that_no_clock_of_now_can_have_made_is_over(connection: Connection) -> None:
    """PostgreSQL's clock went back."""
    record(connection, "jellyfin", "alice", NOW - 10 * HOUR)
    claim(connection, NOW)

    assert users(claim(connection, NOW - 5 * HOUR)) == ["alice"]


def test_those_that_ended_a_while_ago_are_told(connection: Connection) -> None:
    for hours in range(4):
        record(connection, "jellyfin", f"user-{hours}", NOW - hours * HOUR)
    confirm(connection, "jellyfin", "user-3", disabled=True, took=NONE)

    assert overdue(connection, HOUR, NOW) == (2, NOW - 2 * HOUR)


def test_the_list_is_bounded_and_of_one_provider_if_wanted(connection: Connection) -> None:
    for provider in ("emby", "jellyfin"):
        for number in range(3):
            record(connection, provider, f"user-{number}", NOW + number * HOUR)
    record(connection, "jellyfin", "never", None)

    assert [entry.user for entry in listed(connection, provider="jellyfin", limit=2)] == ["user-0", "user-1"]
    assert listed(connection)[-1].user == "never"


def test_nothing_is_confirmed_that_nobody_noted(connection: Connection) -> None:
    assert not confirm(connection, "jellyfin", "nobody", disabled=True, took=NONE)


def test_a_time_without_a_zone_is_refused(connection: Connection) -> None:
    with pytest.raises(ValueError, match="needs a time zone"):
        record(connection, "jellyfin", "alice", NOW.replace(tzinfo=None))
