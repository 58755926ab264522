from typing import Any

import httpx
import pytest

from providers.downloads.network.answer import Answer, Complete, Piece, Resumption, Unusable, Whole, read_answer
from providers.downloads.network.version import Version, version_of
from providers.downloads.problems import EndUncertain

_V1 = Version(etag='"v1"')
_ASKED = Resumption(first=100, version=_V1, total=500)


def _read(status: int, asked: Resumption | None = None, *, is_checkable: bool = False, **headers: str) -> Answer | None:
    fields = httpx.Headers({name.replace("_", "-"): value for name, value in headers.items()})
    return read_answer(status, fields, asked, is_checkable=is_checkable)


@pytest.mark.parametrize(
    ("value", "etag"),
    [
        ('"a"', '"a"'),
        ('""', '""'),
        ('W/"a"', None),
        ('w/"a"', None),
        ("a", None),
        ('"a', None),
        ('"a", "b"', None),
        ('"é"', None),
    ],
)
def test_only_a_strong_tag_counts(value: str, etag: str | None) -> None:
    assert version_of(httpx.Headers([(b"etag", value.encode())])).etag == etag


def test_200_brings_the_whole_file() -> None:
    assert _read(200, etag='"v1"', content_length="7") == Whole(7, _V1)
    assert _read(200, transfer_encoding="chunked") == Whole(None)


def test_200_to_a_range_means_begin_again_with_this_body() -> None:
    assert _read(200, _ASKED, etag='"v2"', content_length="7") == Whole(7, Version(etag='"v2"'))


def test_a_body_that_ends_with_the_connection_needs_something_to_check_it_by() -> None:
    with pytest.raises(EndUncertain, match="how long"):
        _read(200)

    assert _read(200, is_checkable=True) == Whole(None)


def test_a_body_in_a_coding_that_is_not_undone_needs_something_to_check_it_by() -> None:
    with pytest.raises(EndUncertain, match="br"):
        _read(200, content_length="7", content_encoding="br")

    assert _read(200, is_checkable=True, content_length="7", content_encoding="br") == Whole(7, coding="br")
    assert _read(200, content_length="7", content_encoding="GZIP") == Whole(7, coding="gzip")
    assert _read(200, content_length="7", content_encoding="identity") == Whole(7)


def test_206_continues_at_the_byte_that_was_asked_for() -> None:
    assert _read(206, _ASKED, etag='"v1"', content_range="bytes 100-499/500") == Piece(400, 500)


def test_206_may_bring_less_than_was_asked_for() -> None:
    assert _read(206, _ASKED, etag='"v1"', content_range="bytes 100-199/500") == Piece(100, 500)


def test_206_may_leave_the_total_open() -> None:
    assert _read(206, _ASKED, etag='"v1"', content_range="bytes 100-499/*") == Piece(400, None)


@pytest.mark.parametrize(
    "headers",
    [
        {"etag": '"v1"'},
        {"etag": '"v1"', "content_range": "bytes 0-499/500"},
        {"etag": '"v1"', "content_range": "bytes 101-499/500"},
        {"etag": '"v1"', "content_range": "bytes 99-499/500"},
        {"etag": '"v1"', "content_range": "bytes 100-499/501"},
        {"etag": '"v1"', "content_range": "bytes 100-499/500", "content_length": "399"},
        {"etag": '"v2"', "content_range": "bytes 100-499/500"},
        {"etag": 'W/"v1"', "content_range": "bytes 100-499/500"},
        {"content_range": "bytes 100-499/500"},
        {"etag": '"v1"', "content_type": "multipart/byteranges; boundary=x"},
        {"etag": '"v1"', "content_range": "bytes */500"},
    ],
)
def test_206_with_other_bytes_or_another_version_cannot_be_used(headers: dict[str, Any]) -> None:
    assert isinstance(_read(206, _ASKED, **headers), Unusable)


def test_206_to_a_request_for_everything_cannot_be_used() -> None:
    assert isinstance(_read(206, None, etag='"v1"', content_range="bytes 0-499/500"), Unusable)


def test_416_at_the_very_end_means_complete() -> None:
    assert _read(416, Resumption(500, _V1, None), content_range="bytes */500") == Complete()


@pytest.mark.parametrize("headers", [{}, {"content_range": "bytes */99"}, {"content_range": "bytes 0-99/100"}])
def test_any_other_416_means_begin_again(headers: dict[str, Any]) -> None:
    assert isinstance(_read(416, _ASKED, **headers), Unusable)
    assert isinstance(_read(416, None, **headers), Unusable)


@pytest.mark.parametrize("status", [202, 204, 304, 404, 429, 500])
def test_other_statuses_bring_no_file(status: int) -> None:
    assert _read(status, _ASKED) is None
