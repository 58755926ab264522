"""What a host says a file is, against what the job or the settings accept."""

import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from leeward.extension.errors import Permanent, TargetUnavailable
from leeward.jobs.download.file import DownloadFile
from providers.downloads.downloader import Downloader
from tests.support.fleets.raw_host import Talk, raw_host, read_request

Connect = Callable[..., Downloader]
BODY = b"0123456789" * 5000


def saying(*content_types: str, cut: int = len(BODY)) -> Talk:
    """Each answer says the next type; the first one may end early."""
    left, cuts = list(content_types), [cut]

    def talk(connection: socket.socket) -> None:
        asked = read_request(connection)
        first = int(asked.partition(b"Range: bytes=")[2].partition(b"-")[0] or 0)
        status = f"206 X\r\nContent-Range: bytes {first}-{len(BODY) - 1}/{len(BODY)}" if first else "200 OK"
        kind = left.pop(0) if len(left) > 1 else left[0]
        head = f'HTTP/1.1 {status}\r\nETag: "v"\r\nContent-Type: {kind}\r\nContent-Length: {len(BODY) - first}\r\n\r\n'
        connection.sendall(head.encode() + BODY[first : cuts.pop() if cuts else len(BODY)])

    return talk


def fetch(talk: Talk, downloader: Downloader, **fields: Any) -> None:
    with raw_host(talk) as host:
        downloader.fetch(DownloadFile.model_validate({"url": f"{host.url}/a", "destination": "a.mkv"} | fields))


@pytest.mark.parametrize(
    ("settings", "job"), [(("video/*",), None), ((), ["video/*"]), (("audio/*",), ["video/x-matroska"])]
)
def test_the_jobs_types_or_the_settings_decide(
    settings: tuple[str, ...], job: list[str] | None, connect: Connect, root: Path
) -> None:
    downloader = connect(content_types=settings)

    fetch(saying("video/x-matroska"), downloader, content_types=job)
    with pytest.raises(Permanent, match="is application/zip, and not video/"):
        fetch(saying("application/zip"), downloader, content_types=job, destination="b.mkv")

    assert [path.name for path in root.iterdir()] == ["a.mkv"]


def test_a_page_in_place_of_a_film_is_tried_again_later(downloader: Downloader, root: Path) -> None:
    with pytest.raises(TargetUnavailable, match="page instead"):
        fetch(saying("text/html; charset=utf-8"), downloader)
    assert list(root.iterdir()) == []

    fetch(saying("text/html"), downloader, destination="a.html")
    fetch(saying("text/html"), downloader, content_types=["*/*"])


def test_a_page_in_the_middle_costs_nothing_of_what_is_there(connect: Connect, root: Path) -> None:
    with raw_host(saying("video/mp4", "text/html", "video/mp4", cut=20_000)) as host:
        job, downloader = DownloadFile(url=f"{host.url}/a", destination="a.mkv"), connect(resume_at_once_bytes=1000)
        with pytest.raises(TargetUnavailable):
            downloader.fetch(job)
        found = downloader.fetch(job)

    assert found.resumed_from == 20_000
    assert (root / "a.mkv").read_bytes() == BODY
