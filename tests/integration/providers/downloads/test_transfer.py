from collections.abc import Callable
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from leeward.extension.errors import Permanent
from leeward.jobs.download.file import DownloadFile
from providers.downloads.downloader import Downloaded, Downloader
from simulators.files.server import FilesSimulator
from tests.integration.providers.downloads.on_disk import asked, last_headers, own_files, sha256

Wanted = Callable[..., DownloadFile]
SIZE = 300_000


def test_a_file_appears_whole_under_its_destination(
    host: FilesSimulator, downloader: Downloader, wanted: Wanted, root: Path
) -> None:
    file = host.publish("/a.iso", size=SIZE)

    found = downloader.fetch(wanted(destination="films/new/a.iso", size_bytes=SIZE, sha256=file.sha256()))

    assert found == Downloaded("films/new/a.iso", SIZE, file.sha256(), resumed_from=0, etag=file.etag("0"))
    assert sha256(root / "films/new/a.iso") == file.sha256()
    assert own_files(root) == []


def test_an_empty_file_is_a_file(host: FilesSimulator, downloader: Downloader, wanted: Wanted, root: Path) -> None:
    host.publish("/a.iso", size=0)

    assert downloader.fetch(wanted()).size_bytes == 0
    assert (root / "a.iso").read_bytes() == b""


def test_no_encoding_is_asked_for(host: FilesSimulator, downloader: Downloader, wanted: Wanted) -> None:
    host.publish("/a.iso", size=SIZE)

    downloader.fetch(wanted())

    assert last_headers(host)["accept-encoding"] == "identity"
    assert "range" not in last_headers(host)


def test_credentials_of_the_url_are_sent_as_basic_authentication(
    host: FilesSimulator, downloader: Downloader, wanted: Wanted
) -> None:
    host.publish("/a.iso", size=SIZE)
    url = host.url.replace("http://", "http://user:w%40rd@") + "/a.iso"

    downloader.fetch(DownloadFile(url=url, destination="a.iso"))

    assert last_headers(host)["authorization"] == "Basic dXNlcjp3QHJk"


def test_a_chunked_body_needs_no_length(
    host: FilesSimulator, downloader: Downloader, wanted: Wanted, root: Path
) -> None:
    file = host.publish("/a.iso", size=SIZE, framing="chunked")

    assert downloader.fetch(wanted()).sha256 == file.sha256()
    assert sha256(root / "a.iso") == file.sha256()


@pytest.mark.parametrize("properties", [{"framing": "close"}, {"encoding": "gzip"}])
def test_a_body_whose_end_nobody_can_tell_is_refused_unless_the_job_can_check_it(
    host: FilesSimulator, downloader: Downloader, wanted: Wanted, root: Path, properties: dict[str, Any]
) -> None:
    file = host.publish("/a.iso", size=SIZE, **properties)

    with pytest.raises(Permanent, match="size_bytes or sha256"):
        downloader.fetch(wanted())
    assert own_files(root) == []

    assert downloader.fetch(wanted(sha256=file.sha256())).size_bytes == SIZE


def test_progress_is_told_at_the_beginning_at_intervals_and_at_the_end(
    host: FilesSimulator, connect: Callable[..., Downloader], wanted: Wanted
) -> None:
    host.publish("/a.iso", size=10_000_000)
    seconds = count()  # every look at this clock takes one
    told: list[tuple[int, int | None]] = []
    downloader = connect(clock=lambda: float(next(seconds)), progress_interval=timedelta(seconds=2))

    downloader.fetch(wanted(), lambda done, total: told.append((done, total)))

    assert told[0] == (0, 10_000_000)
    assert told[-1] == (10_000_000, 10_000_000)
    assert told == sorted(told)
    assert 3 < len(told[1:-1]) <= next(seconds) // 2


def test_progress_without_a_known_length_says_so(host: FilesSimulator, downloader: Downloader, wanted: Wanted) -> None:
    host.publish("/a.iso", size=SIZE, framing="chunked")
    told: list[tuple[int, int | None]] = []

    downloader.fetch(wanted(), lambda done, total: told.append((done, total)))

    assert told[0] == (0, None)


@pytest.mark.parametrize("known", [("sha256",), ("size_bytes",), ("sha256", "size_bytes")])
def test_a_file_that_is_there_already_is_not_asked_for(
    host: FilesSimulator, downloader: Downloader, wanted: Wanted, root: Path, known: tuple[str, ...]
) -> None:
    file = host.publish("/a.iso", size=SIZE)
    facts = {name: {"sha256": file.sha256(), "size_bytes": SIZE}[name] for name in known}
    downloader.fetch(wanted(**facts))

    again = downloader.fetch(wanted(**facts))

    assert again == Downloaded("a.iso", SIZE, file.sha256(), resumed_from=SIZE, etag=None)
    assert asked(host) == [(None, 200)]
    assert own_files(root) == []


@pytest.mark.parametrize("known", [("sha256",), ("size_bytes",), ()])
def test_a_file_that_is_not_known_to_be_the_wanted_one_is_replaced(
    host: FilesSimulator, downloader: Downloader, wanted: Wanted, root: Path, known: tuple[str, ...]
) -> None:
    file = host.publish("/a.iso", size=SIZE)
    facts = {name: {"sha256": file.sha256(), "size_bytes": SIZE}[name] for name in known}
    (root / "a.iso").write_bytes(b"something else")

    downloader.fetch(wanted(**facts))

    assert sha256(root / "a.iso") == file.sha256()


def test_the_old_file_stays_until_the_new_one_is_whole(
    host: FilesSimulator, downloader: Downloader, wanted: Wanted, root: Path
) -> None:
    host.publish("/a.iso", size=SIZE)
    (root / "a.iso").write_bytes(b"old")
    seen: list[bytes] = []

    downloader.fetch(wanted(), lambda _done, _total: seen.append((root / "a.iso").read_bytes()))

    assert set(seen) == {b"old"}
    assert (root / "a.iso").stat().st_size == SIZE
