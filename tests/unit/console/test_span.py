"""Spans of time on the command line."""

from datetime import timedelta

import pytest

from console.span import parse_span


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("10s", timedelta(seconds=10)),
        ("1.5h", timedelta(minutes=90)),
        ("1d12h", timedelta(hours=36)),
        (" 250ms ", timedelta(milliseconds=250)),
        ("5m", timedelta(minutes=5)),
        ("2w", timedelta(weeks=2)),
        ("0s", timedelta(0)),
    ],
)
def test_a_span_is_numbers_with_units(text: str, span: timedelta) -> None:
    assert parse_span(text) == span


@pytest.mark.parametrize("text", ["", "10", "s", "-5s", "10 s", "1h-2m", "1y", "abc", "1e3s"])
def test_anything_else_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="write 10s, 5m, 2h"):
        parse_span(text)
