from typing import Any

import pytest

from leeward.jobs.download.file import DownloadFile
from providers.downloads.expectation import check_growth, check_total, check_whole
from providers.downloads.problems import TooLarge, WrongContent


def _job(**fields: Any) -> DownloadFile:
    return DownloadFile(**{"url": "http://h/a", "destination": "a"} | fields)


def test_an_announced_length_over_the_limit_is_refused() -> None:
    check_total(_job(size_limit_bytes=10), 10)
    with pytest.raises(TooLarge):
        check_total(_job(size_limit_bytes=10), 11)


def test_an_announced_length_must_be_the_expected_one() -> None:
    check_total(_job(size_bytes=10), 10)
    for total in (9, 11):
        with pytest.raises(WrongContent):
            check_total(_job(size_bytes=10), total)


def test_a_growing_file_may_be_short_but_not_too_long() -> None:
    check_growth(_job(size_bytes=10, size_limit_bytes=20), 10)
    with pytest.raises(WrongContent):
        check_growth(_job(size_bytes=10, size_limit_bytes=20), 11)
    with pytest.raises(TooLarge):
        check_growth(_job(size_limit_bytes=20), 21)


def test_a_whole_file_must_have_the_size_and_the_checksum() -> None:
    job = _job(size_bytes=10, sha256="a" * 64)
    check_whole(job, 10, "a" * 64)
    for size, sha256 in ((9, "a" * 64), (10, "b" * 64)):
        with pytest.raises(WrongContent):
            check_whole(job, size, sha256)
