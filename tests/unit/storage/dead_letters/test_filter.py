from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from storage.dead_letters.filter import Filter, InvalidFilter
from storage.reason import Reason
from storage.state import State

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)


def parse(**typed: Any) -> Filter:
    return Filter.parse(now=NOW, **typed)


def test_nothing_typed_matches_everything() -> None:
    assert parse() == Filter()
    assert Filter().conditions() == []


def test_several_values_are_kept() -> None:
    found = parse(state=["failed", "reviewing"], reason=["expired"], provider=["jellyfin"])

    assert found.states == (State.FAILED, State.REVIEWING)
    assert found.reasons == (Reason.EXPIRED,)
    assert found.providers == ("jellyfin",)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("90s", NOW - timedelta(seconds=90)),
        ("2h", NOW - timedelta(hours=2)),
        ("7d", NOW - timedelta(days=7)),
        ("2026-01-31", datetime(2026, 1, 31, tzinfo=UTC)),
        ("2026-01-31T12:00+01:00", datetime(2026, 1, 31, 11, tzinfo=UTC)),
        ("2026-01-31T12:00Z", datetime(2026, 1, 31, 12, tzinfo=UTC)),
    ],
)
def test_a_time_is_an_instant_or_a_span_ago(typed: str, meant: datetime) -> None:
    assert parse(since=typed).since == meant


@pytest.mark.parametrize(
    ("typed", "advice"),
    [
        ({"state": ["dead"]}, "use one of failed, reviewing, requeued, discarded, recovered"),
        ({"reason": ["exausted"]}, "'exausted' does not exist: use one of exhausted, permanent"),
        ({"since": "yesterday"}, "write 2026-01-31"),
        ({"until": "999999w"}, "write 2026-01-31"),
        ({"ids": ["17"]}, "copy one from `leeward dlq list`"),
        ({"provider": [" "]}, "leave it out"),
        ({"error": ""}, "leave it out"),
        ({"error": "a\x00b"}, "can match nothing"),
        ({"since": "1h", "until": "2h"}, "is not before until"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_advice(typed: dict[str, Any], advice: str) -> None:
    with pytest.raises(InvalidFilter, match=advice.replace("|", r"\|")):
        parse(**typed)


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(InvalidFilter, match="has no time zone"):
        Filter(since=NOW.replace(tzinfo=None))
