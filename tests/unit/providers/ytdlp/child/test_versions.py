from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from providers.ytdlp.child.continuing import watch_versions
from providers.ytdlp.child.versions import Versions, first_byte

DATE = "Tue, 01 Dec 2026 10:00:00 GMT"


@pytest.mark.parametrize(
    ("headers", "validator"),
    [
        ({"ETag": '"a"'}, '"a"'),
        ({"ETag": '"a"', "Last-Modified": "Tue, 01 Dec 2026 09:00:00 GMT", "Date": DATE}, '"a"'),
        ({"ETag": 'W/"a"', "Last-Modified": "Tue, 01 Dec 2026 09:00:00 GMT", "Date": DATE}, None),
        ({"ETag": "a"}, None),
        ({"Last-Modified": "Tue, 01 Dec 2026 09:59:00 GMT", "Date": DATE}, "Tue, 01 Dec 2026 09:59:00 GMT"),
        ({"Last-Modified": "Tue, 01 Dec 2026 09:59:01 GMT", "Date": DATE}, None),
        ({"Last-Modified": "Tue, 01 Dec 2026 09:00:00 GMT"}, None),
        ({"Last-Modified": "yesterday", "Date": DATE}, None),
        ({"Last-Modified": "Tue, 01 Dec 20260000000000000 09:00:00 GMT", "Date": DATE}, None),
        ({}, None),
    ],
)
def test_only_strong_validators_count(headers: dict[str, str], validator: str | None, tmp_path: Path) -> None:
    versions = Versions(tmp_path / "versions.json")

    versions.note("a", httpx.Headers(headers))

    assert versions.condition("a") == validator


@pytest.mark.parametrize(
    ("value", "first"), [("bytes=5-", 5), ("bytes=0-99", 0), ("bytes=-5", None), (None, None), ("x", None)]
)
def test_the_first_byte_of_a_range(value: str | None, first: int | None) -> None:
    assert first_byte(value) == first


@pytest.mark.parametrize("content", ["", "{", "[]", '"a"', "null"])
def test_a_damaged_record_is_none(content: str, tmp_path: Path) -> None:
    (tmp_path / "versions.json").write_text(content)

    assert Versions(tmp_path / "versions.json").condition("a") is None


class _Host:
    """Notes what is asked for, as yt-dlp's downloader asks."""

    def __init__(self, file: Path) -> None:
        host = self

        class Downloader:
            def real_download(self, filename: str, info: Any) -> None:
                for headers in info:
                    Manager().urlopen(SimpleNamespace(headers=headers))

        class Manager:
            def urlopen(self, request: Any) -> Any:
                host.asked.append(dict(request.headers))
                return host.answers.pop(0)

        self.asked: list[dict[str, str]] = []
        self.answers: list[Any] = []
        self._download, self._manager = Downloader, Manager
        watch_versions(Versions(file), Downloader, Manager)

    def download(self, part: str, *requests: dict[str, str]) -> list[dict[str, str]]:
        self.asked = []
        self._download().real_download(part, requests)
        return self.asked

    def page(self, headers: dict[str, str]) -> list[dict[str, str]]:
        self.asked = []
        self._manager().urlopen(SimpleNamespace(headers=headers))
        return self.asked


def _answer(status: int = 200, **headers: str) -> Any:
    return SimpleNamespace(status=status, headers=httpx.Headers(headers))


def test_the_next_process_continues_only_the_version_that_it_has(tmp_path: Path) -> None:
    first = _Host(tmp_path / "versions.json")
    first.answers = [_answer(ETag='"1"')]
    first.download("media.mp4", {})
    second = _Host(tmp_path / "versions.json")
    second.answers = [_answer(206, ETag='"1"'), _answer(ETag='"2"')]

    assert second.download("media.mp4", {"Range": "bytes=5-"}) == [{"Range": "bytes=5-", "If-Range": '"1"'}]
    assert second.download("media.mp4", {"Range": "bytes=9-"}) == [{"Range": "bytes=9-", "If-Range": '"1"'}]

    third = _Host(tmp_path / "versions.json")
    third.answers = [_answer(206)]
    assert third.download("media.mp4", {"Range": "bytes=3-"}) == [{"Range": "bytes=3-", "If-Range": '"2"'}]


def test_without_a_validator_it_begins_again(tmp_path: Path) -> None:
    host = _Host(tmp_path / "versions.json")
    host.answers = [_answer(), _answer()]

    assert host.download("media.mp4", {}, {"Range": "bytes=5-"}) == [{}, {}]


def test_pieces_of_one_process_need_no_validator_and_those_of_the_next_do(tmp_path: Path) -> None:
    host = _Host(tmp_path / "versions.json")
    host.answers = [_answer(206), _answer(206)]
    pieces = ({"Range": "bytes=0-4"}, {"Range": "bytes=5-9"})

    assert host.download("media.mp4", *pieces) == [{"Range": "bytes=0-4"}, {"Range": "bytes=5-9"}]

    later = _Host(tmp_path / "versions.json")
    later.answers = [_answer()]
    assert later.download("media.mp4", {"Range": "bytes=5-9"}) == [{}]


def test_pages_are_left_alone(tmp_path: Path) -> None:
    host = _Host(tmp_path / "versions.json")
    host.answers = [_answer(206)]

    assert host.page({"Range": "bytes=5-"}) == [{"Range": "bytes=5-"}]
    assert not (tmp_path / "versions.json").exists()
