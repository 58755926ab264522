from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection

from storage.accounts import Account, due, mark_expired, record

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _in_a_transaction(connection: Connection) -> None:
    connection.begin()


def test_those_whose_time_is_over_are_due_longest_overdue_first(connection: Connection) -> None:
    record(connection, "jellyfin", "late", NOW - HOUR)
    record(connection, "jellyfin", "later", NOW - 2 * HOUR)
    record(connection, "emby", "now", NOW)
    record(connection, "jellyfin", "future", NOW + HOUR)
    record(connection, "jellyfin", "never", None)

    assert [account.user for account in due(connection, NOW)] == ["later", "late", "now"]
    assert [account.user for account in due(connection, NOW, limit=1)] == ["later"]


def test_a_name_is_the_same_whatever_its_case(connection: Connection) -> None:
    record(connection, "jellyfin", "Alice", NOW - HOUR)
    record(connection, "jellyfin", "ALICE", NOW - 2 * HOUR)
    record(connection, "emby", "alice", NOW - 3 * HOUR)

    assert [(account.provider, account.user) for account in due(connection, NOW)] == [
        ("emby", "alice"),
        ("jellyfin", "ALICE"),
    ]


def test_an_account_expires_once(connection: Connection) -> None:
    record(connection, "jellyfin", "alice", NOW - HOUR)
    (account,) = due(connection, NOW)

    assert mark_expired(connection, account)
    assert not mark_expired(connection, account)
    assert due(connection, NOW) == []


def test_an_account_that_was_extended_meanwhile_is_not_marked(connection: Connection) -> None:
    record(connection, "jellyfin", "alice", NOW - HOUR)
    (account,) = due(connection, NOW)
    record(connection, "jellyfin", "alice", NOW + HOUR)

    assert not mark_expired(connection, account)
    assert [found.user for found in due(connection, NOW + 2 * HOUR)] == ["alice"]


def test_an_expired_account_can_be_made_active_again(connection: Connection) -> None:
    record(connection, "jellyfin", "alice", NOW - HOUR)
    mark_expired(connection, Account("jellyfin", "ALICE", NOW - HOUR))
    record(connection, "jellyfin", "alice", NOW - HOUR)

    assert len(due(connection, NOW)) == 1


def test_a_time_without_a_zone_is_refused(connection: Connection) -> None:
    with pytest.raises(ValueError, match="needs a time zone"):
        record(connection, "jellyfin", "alice", NOW.replace(tzinfo=None))
