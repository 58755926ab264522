"""A 416 that calls a part complete is a second answer: what both make may be wrong, and is fetched anew once."""

import hashlib
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from leeward.extension.errors import Permanent, ProviderError, TargetUnavailable
from leeward.jobs.download.file import DownloadFile
from providers.downloads.downloader import Downloader
from tests.support.fleets.raw_host import Talk, raw_host, read_request

Connect = Callable[..., Downloader]
BODY = b"0123456789" * 10_000
CUT = b'HTTP/1.1 200 X\r\nETag: "v"\r\nTransfer-Encoding: chunked\r\n\r\nc350\r\n' + BODY[:50_000] + b"\r\n"
CONFIRMED = b'HTTP/1.1 416 X\r\nETag: "v"\r\nContent-Range: bytes */50000\r\nContent-Length: 0\r\n\r\n'
WHOLE = b"HTTP/1.1 200 X\r\nContent-Length: 100000\r\n\r\n" + BODY


def in_turn(*answers: bytes) -> Talk:
    """Each request gets the next answer, and its connection ends."""
    left = list(answers)

    def talk(connection: socket.socket) -> None:
        if read_request(connection):
            connection.sendall(left.pop(0))

    return talk


def fetch(downloader: Downloader, job: DownloadFile) -> type[ProviderError] | None:
    try:
        downloader.fetch(job)
    except ProviderError as error:
        return type(error)
    return None


@pytest.mark.parametrize(
    ("answers", "ends"),
    [
        ([CUT, CONFIRMED, WHOLE], [TargetUnavailable, None]),
        ([CUT, CONFIRMED, CUT, CONFIRMED], [TargetUnavailable, Permanent]),
    ],
    ids=["a truncated copy in a cache, then the file", "the same wrong version twice"],
)
def test_a_part_that_a_416_confirmed_and_that_is_wrong_is_fetched_anew_once(
    answers: list[bytes], ends: list[type[ProviderError] | None], connect: Connect, root: Path
) -> None:
    with raw_host(in_turn(*answers)) as host:
        sha256 = hashlib.sha256(BODY).hexdigest()
        job = DownloadFile(url=f"{host.url}/a", destination="a", sha256=sha256)
        downloader = connect(resume_at_once_bytes=1000)

        assert [fetch(downloader, job) for _ in ends] == ends

    assert (root / "a").exists() == (ends[-1] is None)
