from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, delete, func, select, text, update

from leeward.actions import ShowProvider
from storage.dead_letters.groups.diagnosis import Cause
from storage.dead_letters.groups.failure_groups import FailureGroup, GroupPage, UnknownGroup, group, groups, ungrouped
from storage.dead_letters.groups.group_query import GroupCursor, GroupOrder, GroupQuery
from storage.dead_letters.groups.trend import Direction
from storage.dead_letters.intake.insert import insert_many
from storage.dead_letters.search.filter import InvalidFilter
from storage.dead_letters.state import State
from storage.dead_letters.triage.decisions import discard, review
from storage.tables import dead_letter_changes, dead_letter_groups, dead_letters
from tests.integration.storage.grouped import NOW, counted, failed, told
from tests.integration.storage.rows import keep

HOUR = timedelta(hours=1)


def listed(connection: Connection, query: GroupQuery | None = None, **page: Any) -> GroupPage:
    with connection.begin():
        return groups(connection, query or GroupQuery(), now=NOW, **page)


def only(connection: Connection) -> FailureGroup:
    (found,) = listed(connection, GroupQuery(any_state=True)).groups
    return found


def test_failures_with_one_cause_are_one_group(connection: Connection) -> None:
    ids = keep(
        connection, *(failed(number, f"no user 'user-{number}' at https://x.org/{number}") for number in range(5))
    )
    keep(connection, failed(9, "no disk"))

    first, second = listed(connection).groups

    assert (first.open, first.total, first.message) == (5, 5, "no user '<user>' at <url>")
    assert (first.provider, first.operation, first.error_type) == ("jellyfin", "create_user", "Transient")
    assert first.sample in ids
    assert (second.open, second.message) == (1, "no disk")


def test_the_same_entry_again_counts_once(connection: Connection) -> None:
    keep(connection, failed(1), failed(1), failed(2))
    keep(connection, failed(1))

    assert only(connection).letters[State.FAILED] == 2


def test_what_people_decide_moves_the_counts(connection: Connection) -> None:
    one, other, _ = keep(connection, failed(1), failed(2), failed(3))
    with connection.begin():
        review(connection, one, 1, who="ada")
        discard(connection, other, 1, who="ada", note="no")

    found = only(connection)

    assert {state: letters for state, letters in found.letters.items() if letters} == {
        State.FAILED: 1,
        State.REVIEWING: 1,
        State.DISCARDED: 1,
    }
    assert (found.open, found.total) == (2, 3)


def test_a_group_with_nothing_open_is_shown_only_when_asked_for(connection: Connection) -> None:
    (id_,) = keep(connection, failed(1))
    with connection.begin():
        discard(connection, id_, 1, who="ada", note="no")

    assert listed(connection).groups == []
    assert len(listed(connection, GroupQuery(any_state=True)).groups) == 1


def test_what_is_deleted_is_in_no_count_but_was_seen(connection: Connection) -> None:
    old, _ = keep(connection, failed(1, ago=30 * HOUR), failed(2, ago=HOUR))
    only(connection)
    with connection.begin():
        connection.execute(delete(dead_letters).where(dead_letters.c.id == old))

    found = only(connection)

    assert found.total == 1
    assert sum(found.hours) == 1
    assert found.first_seen == NOW - 30 * HOUR
    assert found.last_seen == NOW - HOUR


def test_a_group_whose_last_letter_is_deleted_is_none(connection: Connection) -> None:
    keep(connection, failed(1))
    fingerprint = only(connection).fingerprint
    with connection.begin():
        connection.execute(delete(dead_letters))

    assert listed(connection, GroupQuery(any_state=True)).groups == []
    with pytest.raises(UnknownGroup, match=fingerprint), connection.begin():
        group(connection, fingerprint, now=NOW)


def test_the_trend_is_the_last_48_hours_zeros_included(connection: Connection) -> None:
    ago = [0 * HOUR, timedelta(minutes=29), timedelta(minutes=31), 47 * HOUR, 49 * HOUR]
    keep(connection, *(failed(number, ago=span) for number, span in enumerate(ago)))

    found = only(connection)

    assert found.hours == (1, *[0] * 45, 1, 2)
    assert found.direction is Direction.STEADY


def test_a_burst_is_told_with_what_to_do(connection: Connection) -> None:
    keep(connection, failed(0, ago=100 * HOUR), *(failed(number, ago=HOUR) for number in range(1, 30)))

    found = only(connection)

    assert found.direction is Direction.RISING
    assert found.suggestion
    assert found.suggestion.cause is Cause.OUTAGE
    assert ShowProvider("jellyfin") in found.suggestion.actions


@pytest.mark.parametrize("order", list(GroupOrder))
def test_pages_show_every_group_once_in_order(connection: Connection, order: GroupOrder) -> None:
    words = ["alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta"]
    for position, word in enumerate(words):
        keep(connection, *(failed(100 * position + n, word, ago=n * HOUR) for n in range(1 + position // 2)))
    query = GroupQuery(order=order, any_state=True)
    page = listed(connection, query, limit=2)
    seen = list(page.groups)
    while page.after:
        page = listed(connection, query, limit=2, after=GroupCursor.parse(str(page.after)))
        seen += page.groups

    assert sorted(found.message or "" for found in seen) == sorted(words)
    values: list[Any] = [found.last_seen if order is GroupOrder.LAST_SEEN else found.total for found in seen]
    assert values == sorted(values, reverse=True)


def test_a_page_of_another_order_is_refused(connection: Connection) -> None:
    with pytest.raises(InvalidFilter, match="begin with the first page"):
        listed(connection, after=GroupCursor(GroupOrder.TOTAL, 3, "1abc"))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "open",
        "open,1",
        "bored,1,1abc",
        "open,x,1abc",
        "last_seen,2026-01-01,1abc",
        f"open,{2**70},1",
        "open,1,\x00",
    ],
)
def test_what_is_no_page_is_refused(text: str) -> None:
    with pytest.raises(InvalidFilter, match="copy the `next`"):
        GroupCursor.parse(text)


def test_groups_can_be_chosen(connection: Connection) -> None:
    keep(
        connection,
        failed(1),
        failed(2, provider="plex"),
        failed(3, operation="share"),
        failed(4, error_type="KeyError"),
    )
    keep(connection, failed(5, "long ago", ago=100 * HOUR))

    def chosen(**conditions: Any) -> int:
        return len(listed(connection, GroupQuery.parse(now=NOW, **conditions)).groups)

    assert chosen() == 5
    assert chosen(provider=["plex"]) == 1
    assert chosen(operation=["share", "create_user"]) == 5
    assert chosen(error_type=["KeyError"]) == 1
    assert chosen(since="2d") == 4
    with pytest.raises(InvalidFilter, match="operation"):
        chosen(operation=["\x00"])


def test_tenants_are_told_with_those_most_affected_first(connection: Connection) -> None:
    letters = [failed(number, tenant=f"tenant-{min(number % 14, 11)}") for number in range(56)]
    keep(connection, *letters, failed(99))

    with connection.begin():
        found = group(connection, letters[0].failure.fingerprint, now=NOW)

    assert found.tenants[0] == ("tenant-11", 12)
    assert (len(found.tenants), found.tenants_in_all) == (10, 12)


def test_a_group_that_nobody_knows_is_an_error(connection: Connection) -> None:
    for fingerprint in ("1234", "", "\x00", "'; DROP TABLE dead_letters"):
        with pytest.raises(UnknownGroup, match="no group"), connection.begin():
            group(connection, fingerprint, now=NOW)


def test_reading_takes_what_was_counted_off_the_list_in_the_same_step(connection: Connection) -> None:
    keep(connection, failed(1))
    with connection.begin() as transaction:
        groups(connection, GroupQuery(), now=NOW)
        transaction.rollback()

    assert only(connection).total == 1
    with connection.begin():
        assert connection.execute(select(func.count()).select_from(dead_letter_changes)).scalar() == 0
        assert told(connection) == counted(connection)


def test_who_writes_letters_of_a_known_group_does_not_wait_for_who_reads(
    engine: Engine, connection: Connection
) -> None:
    keep(connection, failed(1))
    with engine.begin() as reader:
        groups(reader, GroupQuery(), now=NOW)
        with engine.begin() as writer:
            writer.execute(text("SET LOCAL lock_timeout = '2s'"))
            insert_many(writer, [failed(2)])

    assert only(connection).total == 2


def test_a_letter_that_moves_to_another_group_leaves_no_trace_in_the_first(connection: Connection) -> None:
    one, _ = keep(connection, failed(1, tenant="a"), failed(2, "other", tenant="b"))
    with connection.begin():
        target = connection.execute(
            select(dead_letter_groups.c.fingerprint).where(dead_letter_groups.c.message == "other")
        )
        change = (
            update(dead_letters)
            .where(dead_letters.c.id == one)
            .values(fingerprint=target.scalar_one(), state="reviewing")
        )
        connection.execute(change)
    with connection.begin():
        assert told(connection) == counted(connection)

    assert only(connection).total == 2


def test_letters_in_no_group_are_told(connection: Connection) -> None:
    keep(connection, failed(1), failed(2))
    with connection.begin():
        assert ungrouped(connection) == 0
        connection.execute(update(dead_letters).values(fingerprint=None))
        assert ungrouped(connection) == 2
        assert told(connection)[0] == {}
