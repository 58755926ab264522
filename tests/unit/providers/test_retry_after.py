"""RFC 9110 §10.2.3 and §5.6.7."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.retry_after import LONGEST, parse_retry_after

NOW = datetime(1994, 11, 6, 8, 49, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("120", 120), ("0", 0), ("005", 5), ("  7 ", 7), ("000000000000000000000012", 12)],
)
def test_seconds_are_read_with_or_without_zero_padding(value: str, seconds: int) -> None:
    assert parse_retry_after(value, now=NOW) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "value", ["Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"]
)
def test_all_three_date_formats_are_read(value: str) -> None:
    assert parse_retry_after(value, now=NOW) == timedelta(seconds=37)


def test_a_date_that_has_passed_is_no_wait() -> None:
    assert parse_retry_after("Sat, 05 Nov 1994 08:49:37 GMT", now=NOW) == timedelta(0)


@pytest.mark.parametrize("value", [None, "", "soon", "-5", "1.5", "5 minutes", "\u0661\u0662", "Mon, 99 Foo 2020"])
def test_anything_else_says_nothing(value: str | None) -> None:
    assert parse_retry_after(value, now=NOW) is None


@pytest.mark.parametrize("value", ["9" * 5000, "31536000", "Fri, 31 Dec 9999 23:59:59 GMT"])
def test_an_absurd_wait_is_cut(value: str) -> None:
    assert parse_retry_after(value, now=NOW) == LONGEST


@given(
    value=st.text()
    | st.binary().map(lambda raw: raw.decode("latin-1"))
    | st.from_regex(r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d [+-]\d{4}")
)
def test_any_text_is_a_wait_within_bounds_or_none(value: str) -> None:
    found = parse_retry_after(value, now=datetime(2026, 11, 23, tzinfo=UTC))

    assert found is None or timedelta(0) <= found <= LONGEST
