import pytest

from bench.guards.site.time_ranges import (
    TimeRange,
    longest_pause_ms,
    most_above,
    most_at_once,
    over_allowance,
    reuse_gaps_ms,
)

SECOND = 1_000_000_000
MS = 1_000_000


def test_overlapping_spans_are_counted_where_most_of_them_overlap() -> None:
    assert most_at_once([TimeRange(0, 10), TimeRange(5, 15), TimeRange(9, 20), TimeRange(16, 18)]) == 3


def test_one_that_begins_as_another_ends_does_not_overlap_it() -> None:
    assert most_at_once([TimeRange(0, 10), TimeRange(10, 20)]) == 1


def test_nothing_overlaps_when_there_is_nothing() -> None:
    assert most_at_once([]) == 0


def test_what_runs_is_compared_with_what_was_allowed_at_that_instant() -> None:
    spans = [TimeRange(0, 100), TimeRange(10, 100), TimeRange(50, 100)]

    assert most_above(spans, lambda at_ns: 1 if at_ns < 20 else 3) == 1
    assert most_above(spans, lambda _: 3) == 0


def test_a_burst_and_then_the_rate_stay_within_the_allowance() -> None:
    starts = [0] * 5 + [SECOND * n // 5 for n in range(1, 50)]

    assert over_allowance(starts, rate=5, burst=5) <= 0


def test_a_second_burst_in_the_middle_is_found_whatever_came_before() -> None:
    starts = [SECOND * n for n in range(100)] + [99 * SECOND] * 7

    assert over_allowance(starts, rate=5, burst=5) == pytest.approx(3)


def test_one_job_too_early_shows_as_the_part_of_a_job_that_it_came_early() -> None:
    assert over_allowance([0, SECOND // 10], rate=5, burst=1) == pytest.approx(0.5)


def test_a_permit_is_idle_from_its_end_to_the_next_beginning() -> None:
    gaps = reuse_gaps_ms(starts_ns=[0, 15 * MS, 40 * MS], ends_ns=[10 * MS, 20 * MS, 60 * MS])

    assert gaps == [5, 20]


def test_a_permit_that_something_else_took_is_no_gap() -> None:
    assert reuse_gaps_ms(starts_ns=[0, 500 * MS], ends_ns=[10 * MS], gone_ns=[12 * MS]) == []


def test_the_longest_pause_is_between_neighbours() -> None:
    assert longest_pause_ms([0, 200 * MS, 250 * MS]) == 200
    assert longest_pause_ms([7]) == 0
