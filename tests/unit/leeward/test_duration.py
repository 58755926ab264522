"""Durations as people write them."""

from datetime import timedelta

import pytest
from pydantic import BaseModel, ValidationError

from leeward.duration import Duration, duration_text, parse_duration


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        ("10s", timedelta(seconds=10)),
        ("90m", timedelta(minutes=90)),
        ("1.5h", timedelta(minutes=90)),
        ("1d12h", timedelta(hours=36)),
        (" 250ms ", timedelta(milliseconds=250)),
        ("1m500ms", timedelta(minutes=1, milliseconds=500)),
        ("5m", timedelta(minutes=5)),
        ("2w", timedelta(weeks=2)),
        ("0s", timedelta(0)),
        ("1w1d1h1m1s1ms", timedelta(weeks=1, days=1, hours=1, minutes=1, seconds=1, milliseconds=1)),
    ],
)
def test_a_duration_is_numbers_with_units(text: str, duration: timedelta) -> None:
    assert parse_duration(text) == duration


@pytest.mark.parametrize(
    "text", ["", "10", "s", "-5s", "10 s", "1h-2m", "1y", "abc", "1e3s", "1m2h", "1h1h", "999999999w", "٣s", ".5s"]
)
def test_anything_else_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="is not a valid duration; use for example 30d"):
        parse_duration(text)


@pytest.mark.parametrize("text", ["0s", "500ms", "30s", "1h30m", "1d12h", "7d", "1d1h1m1s1ms"])
def test_a_written_duration_is_read_as_the_same(text: str) -> None:
    assert duration_text(parse_duration(text)) == text


class Patience(BaseModel):
    wait: Duration


def test_a_model_reads_durations_as_people_write_them() -> None:
    assert Patience.model_validate({"wait": "1h30m"}).wait == timedelta(minutes=90)
    assert Patience(wait=timedelta(seconds=5)).wait == timedelta(seconds=5)


@pytest.mark.parametrize("value", [30, 1.5, True, "PT5S", None])
def test_a_model_refuses_what_has_no_unit(value: object) -> None:
    with pytest.raises(ValidationError, match="is not a valid duration; use for example 30d"):
        Patience.model_validate({"wait": value})
