from datetime import UTC, datetime, timedelta

import pytest

from leeward.wire.dead_letter_id import dead_letter_id
from storage.dead_letters.retention.months import Month


@pytest.mark.parametrize(
    ("instant", "start", "after", "partition"),
    [
        ("2026-11-30T23:59:59.999+00:00", "2026-11-01", "2026-12-01", "dead_letters_2026_11"),
        ("2026-12-31T23:00:00-02:00", "2027-01-01", "2027-02-01", "dead_letters_2027_01"),
        ("2028-02-29T00:00:00+00:00", "2028-02-01", "2028-03-01", "dead_letters_2028_02"),
    ],
)
def test_a_month_is_one_of_utc(instant: str, start: str, after: str, partition: str) -> None:
    month = Month.of(datetime.fromisoformat(instant))

    assert month.start == datetime.fromisoformat(f"{start}T00:00Z")
    assert month.next.start == datetime.fromisoformat(f"{after}T00:00Z")
    assert month.partition == partition


def test_the_ids_of_a_month_lie_between_its_first_and_the_next_months_first() -> None:
    month = Month.of(datetime(2026, 11, 26, tzinfo=UTC))
    last = month.next.start - timedelta(milliseconds=1)

    for number in range(100):
        assert month.first_id <= dead_letter_id(f"jellyfin/{number}", month.start)
        assert dead_letter_id(f"jellyfin/{number}", last) < month.next.first_id
        assert dead_letter_id(f"jellyfin/{number}", month.start - timedelta(milliseconds=1)) < month.first_id
