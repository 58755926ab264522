from datetime import UTC, datetime, timedelta
from uuid import RFC_4122

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leeward.wire.dead_letter_id import dead_letter_id
from storage.dead_letters.letter.identity import died_at, first_id_at

NOW = datetime(2026, 5, 4, 3, 2, 1, 123000, tzinfo=UTC)


def test_an_id_is_a_uuid_of_version_7_that_holds_the_time() -> None:
    id_ = dead_letter_id("jellyfin/1-0", NOW)

    assert (id_.version, id_.variant) == (7, RFC_4122)
    assert id_.int >> 80 == int(NOW.timestamp() * 1000)


def test_the_same_entry_has_the_same_id_and_another_entry_another() -> None:
    assert dead_letter_id("jellyfin/1-0", NOW) == dead_letter_id("jellyfin/1-0", NOW)
    assert dead_letter_id("jellyfin/1-0", NOW) != dead_letter_id("jellyfin/1-1", NOW)
    assert dead_letter_id("jellyfin/1-0", NOW) != dead_letter_id("smtp/1-0", NOW)


@given(st.integers(0, 10**12), st.integers(1, 10**12), st.text(), st.text())
def test_ids_are_ordered_by_time(first_ms: int, later_ms: int, one: str, other: str) -> None:
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    first = epoch + timedelta(milliseconds=first_ms)

    assert dead_letter_id(one, first) < dead_letter_id(other, first + timedelta(milliseconds=later_ms))


@pytest.mark.parametrize("claimed", [None, b"", b"soon", b"-5", b"0", b"9" * 30, b"\xff", b"1e3", b"253402300800000"])
def test_an_impossible_time_of_death_is_the_time_of_the_entry(claimed: bytes | None) -> None:
    assert died_at(claimed, "1790000000000-3") == datetime.fromtimestamp(1_790_000_000, UTC)


def test_the_claimed_time_counts_when_it_is_possible() -> None:
    assert died_at(b"1780000000123", "1790000000000-3").microsecond == 123_000


def test_an_entry_id_that_is_none_still_gives_a_time() -> None:
    assert died_at(None, "nonsense") == datetime(1970, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("offset_us", [0, 1, 999, 1_000, 1_001])
def test_the_first_id_of_an_instant_parts_what_died_before_from_what_died_then(offset_us: int) -> None:
    instant = datetime(2026, 5, 4, 12, tzinfo=UTC) + timedelta(microseconds=offset_us)
    first = first_id_at(instant)

    for milliseconds in range(-2, 4):
        died = datetime(2026, 5, 4, 12, tzinfo=UTC) + timedelta(milliseconds=milliseconds)
        for outbox_id in ("a", "b"):
            assert (dead_letter_id(outbox_id, died) >= first) == (died >= instant)


def test_before_the_epoch_everything_came_later() -> None:
    assert first_id_at(datetime(1900, 1, 1, tzinfo=UTC)).int == 0
