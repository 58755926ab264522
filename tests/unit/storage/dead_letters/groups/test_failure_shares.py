from datetime import UTC, datetime, timedelta

import pytest

from storage.dead_letters.groups.failure_shares import Share, hours_of_spans, shares

NOW = datetime(2026, 11, 26, 12, 30, tzinfo=UTC)
HOURS = hours_of_spans(NOW)
PRESENT, BEFORE, OLDEST = HOURS[-1], HOURS[-2], HOURS[0]
CREATE, SHARE = ("jellyfin", "create_user"), ("jellyfin", "share")


def told(**numbers: object) -> dict[tuple[str, str | None], list[tuple[int, int]]]:
    found: list[Share] = list(shares(**numbers, now=NOW))  # type: ignore[arg-type]
    return {(one.provider, one.operation): [(part.died, part.ended) for part in one.parts] for one in found}


def test_the_spans_are_made_of_a_week_of_full_hours_and_the_present_one() -> None:
    assert (PRESENT.hour, PRESENT.minute, len(HOURS)) == (12, 0, 169)
    assert timedelta(days=7) == PRESENT - OLDEST


def test_an_operations_deaths_are_a_share_of_all_that_ended_at_its_provider() -> None:
    died = {CREATE: {PRESENT: 30, OLDEST: 5}, SHARE: {BEFORE: 10}, ("plex", None): {PRESENT: 1}}
    done = {"jellyfin": {PRESENT: 50, BEFORE: 10, OLDEST: 95}, "plex": {PRESENT: 3, OLDEST: 0}}

    assert told(died=died, done=done) == {
        CREATE: [(30, 100), (30, 100), (35, 200)],
        SHARE: [(10, 100), (10, 100), (10, 200)],
        ("plex", None): [(1, 4)] * 3,
    }


def test_deaths_of_hours_that_nobody_counted_are_left_out() -> None:
    """As after an update, when only deaths are known of the days before."""
    found = told(died={CREATE: {OLDEST: 1_000, PRESENT: 1}}, done={"jellyfin": {PRESENT: 9}})

    assert found == {CREATE: [(1, 10)] * 3}


def test_a_provider_that_nobody_counted_has_no_share() -> None:
    assert told(died={CREATE: {PRESENT: 1}}, done={"jellyfin": {}, "plex": {PRESENT: 1}}) == {}


def test_where_everything_died_the_share_is_the_whole_and_where_nothing_ended_there_is_none() -> None:
    long_ago = HOURS[-100]
    (one,) = shares({CREATE: {long_ago: 4}}, {"jellyfin": {long_ago: 0}}, now=NOW)

    assert [part.share for part in one.parts] == [None, None, pytest.approx(1.0)]
    assert one.counted_since == long_ago
