from datetime import UTC, datetime, timedelta

import pytest

from storage.dead_letters.retention.months import Month
from storage.dead_letters.retention.partitions import MOVED_AT_ONCE, REST, Partition
from storage.dead_letters.retention.periods import Retention, Why
from storage.dead_letters.retention.survey import MONTH_KEPT, Count, Fate, PrunedLine, due, fates
from storage.dead_letters.state import State

NOW = datetime(2026, 11, 26, tzinfo=UTC)
DAY = timedelta(days=1)


def partition(year: int, month: int) -> Partition:
    span = Month(datetime(year, month, 1, tzinfo=UTC))
    return Partition(span.partition, span.first_id, span.next.first_id)


SEPTEMBER, OCTOBER, NOVEMBER = (partition(2026, month) for month in (9, 10, 11))
MONTHS = [SEPTEMBER, OCTOBER, NOVEMBER]


def over(month: Partition, letters: int = 1) -> Count:
    return Count(month.table, State.DISCARDED, None, letters)


def kept(month: Partition, letters: int = 1, why: Why = Why.OPEN) -> Count:
    return Count(month.table, State.FAILED, why, letters)


def test_a_month_goes_when_nothing_in_it_has_to_stay() -> None:
    assert due(MONTHS, [over(SEPTEMBER, 1_000_000)], Retention(), NOW) == [SEPTEMBER]


def test_a_month_that_ended_less_than_the_period_ago_stays() -> None:
    assert due([OCTOBER], [over(OCTOBER)], Retention.of(25 * DAY), NOW) == [OCTOBER]
    assert due([OCTOBER], [over(OCTOBER)], Retention.of(26 * DAY), NOW) == []
    assert due([NOVEMBER], [], Retention.of(timedelta(0)), NOW) == []


def test_what_has_to_stay_is_waited_for_until_every_period_is_over() -> None:
    retention = Retention.of(60 * DAY, discarded=20 * DAY)

    assert due([OCTOBER], [over(OCTOBER)], retention, NOW) == [OCTOBER]
    assert due([OCTOBER], [over(OCTOBER), kept(OCTOBER)], retention, NOW) == []
    assert due([OCTOBER], [over(OCTOBER), kept(OCTOBER)], retention, NOW + 36 * DAY) == [OCTOBER]


@pytest.mark.parametrize(("staying", "goes"), [(MOVED_AT_ONCE, True), (MOVED_AT_ONCE + 1, False)])
def test_a_month_with_more_than_can_be_moved_in_a_moment_waits(staying: int, goes: bool) -> None:
    counts = [over(SEPTEMBER), kept(SEPTEMBER, staying - 1), kept(SEPTEMBER, 1, Why.HELD)]

    assert due(MONTHS, counts, Retention(), NOW) == ([SEPTEMBER] if goes else [])


def test_each_dead_letter_has_a_fate_and_a_reason_to_stay() -> None:
    counts = [over(SEPTEMBER, 5), kept(SEPTEMBER, 1), over(OCTOBER, 2), kept(OCTOBER, 3, Why.RECENT)]
    counts += [Count(REST, State.RECOVERED, None, 4), Count(REST, State.REQUEUED, Why.REPLAYED, 6)]

    assert fates(counts, [SEPTEMBER]) == [
        PrunedLine(SEPTEMBER.table, State.DISCARDED, Fate.DROPPED, None, 5),
        PrunedLine(SEPTEMBER.table, State.FAILED, Fate.MOVED, Why.OPEN, 1),
        PrunedLine(OCTOBER.table, State.DISCARDED, Fate.KEPT, MONTH_KEPT, 2),
        PrunedLine(OCTOBER.table, State.FAILED, Fate.KEPT, Why.RECENT, 3),
        PrunedLine(REST, State.RECOVERED, Fate.DELETED, None, 4),
        PrunedLine(REST, State.REQUEUED, Fate.KEPT, Why.REPLAYED, 6),
    ]


def test_periods_that_are_not_given_are_the_common_one() -> None:
    assert Retention.of(7 * DAY, recovered=DAY) == Retention(
        discarded=7 * DAY, recovered=DAY, superseded=7 * DAY, replays=7 * DAY
    )
    assert Retention.of(7 * DAY, recovered=DAY).shortest == DAY
    assert Retention().longest == 30 * DAY
