from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.downloads.network.version import STRONG_AFTER, Version, version_of

MODIFIED = datetime(2023, 1, 2, 3, 4, 5, tzinfo=UTC)
LATER = MODIFIED + STRONG_AFTER


def http_date(instant: datetime) -> str:
    return format_datetime(instant, usegmt=True)


def condition(**fields: str) -> str | None:
    return version_of(httpx.Headers({name.replace("_", "-"): value for name, value in fields.items()})).condition


def test_a_strong_tag_comes_first() -> None:
    assert condition(etag='"a"', last_modified=http_date(MODIFIED), date=http_date(LATER)) == '"a"'


def test_a_strong_date_will_do_where_there_is_no_tag() -> None:
    assert condition(last_modified=http_date(MODIFIED), date=http_date(LATER)) == http_date(MODIFIED)


def test_a_weak_tag_forbids_the_date() -> None:
    assert condition(etag='W/"a"', last_modified=http_date(MODIFIED), date=http_date(LATER)) is None


@pytest.mark.parametrize("seconds", [-3600, 0, 1, 59])
def test_a_date_that_is_too_young_is_weak(seconds: int) -> None:
    answered = http_date(MODIFIED + timedelta(seconds=seconds))

    assert condition(last_modified=http_date(MODIFIED), date=answered) is None


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"date": http_date(LATER)},
        {"last_modified": http_date(MODIFIED)},
        {"last_modified": "yesterday", "date": http_date(LATER)},
        {"last_modified": http_date(MODIFIED), "date": "now"},
        {"last_modified": "0", "date": http_date(LATER)},
        {"etag": "a"},
        {"etag": '"a'},
        {"etag": ""},
    ],
    ids=str,
)
def test_without_both_dates_there_is_no_condition(fields: dict[str, str]) -> None:
    assert condition(**fields) is None


@pytest.mark.parametrize(
    "date", ["Mon, 02 Jan 2023 03:04:05 GMT", "Monday, 02-Jan-23 03:04:05 GMT", "Mon Jan  2 03:04:05 2023"]
)
def test_all_three_forms_of_dates_are_read_and_passed_on_as_they_came(date: str) -> None:
    assert condition(last_modified=date, date=http_date(LATER)) == date


@given(etag=st.binary(max_size=20), modified=st.binary(max_size=50), date=st.binary(max_size=50))
def test_any_fields_are_a_version(etag: bytes, modified: bytes, date: bytes) -> None:
    found = version_of(httpx.Headers([(b"etag", etag), (b"last-modified", modified), (b"date", date)]))

    assert found.condition is None or found.condition.isascii()


def test_versions_contradict_each_other_only_in_what_both_name() -> None:
    full = Version(etag='"a"', last_modified="x")

    assert not full.contradicts(Version())
    assert not full.contradicts(Version(etag='"a"'))
    assert full.contradicts(Version(etag='"b"', last_modified="x"))
    assert full.contradicts(Version(last_modified="y"))
    assert Version(weak_etag='W/"a"').contradicts(Version(weak_etag='W/"b"'))
