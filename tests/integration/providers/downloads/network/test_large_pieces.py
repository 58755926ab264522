"""Large files are read straight from the connection: the same bytes, the same ends."""

import hashlib
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from leeward.extension.errors import Transient
from leeward.jobs.download.file import DownloadFile
from providers.downloads.downloader import Downloader
from tests.integration.providers.downloads.on_disk import part
from tests.support.fleets.raw_host import raw_host, read_request

Connect = Callable[..., Downloader]
BODY = hashlib.sha256(b"large").digest() * 100_000  # 3,200,000 bytes


def head(length: int) -> bytes:
    return f'HTTP/1.1 200 OK\r\nETag: "v"\r\nContent-Length: {length}\r\n\r\n'.encode()


@pytest.mark.parametrize("with_head", [0, 1, 70_000, 1_500_000])
def test_bytes_that_came_with_the_head_are_not_lost(with_head: int, connect: Connect, root: Path) -> None:
    def talk(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(head(len(BODY)) + BODY[:with_head])
        connection.sendall(BODY[with_head:])

    with raw_host(talk) as host:
        found = connect().fetch(DownloadFile(url=f"{host.url}/a", destination="a"))

    assert found.sha256 == hashlib.sha256(BODY).hexdigest()
    assert (root / "a").read_bytes() == BODY


def test_what_comes_after_the_announced_length_is_not_of_the_file(connect: Connect, root: Path) -> None:
    def talk(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(head(len(BODY) - 7) + BODY)

    with raw_host(talk) as host:
        connect().fetch(DownloadFile(url=f"{host.url}/a", destination="a"))

    assert (root / "a").read_bytes() == BODY[:-7]


def test_an_early_end_keeps_every_byte_that_came(connect: Connect, root: Path) -> None:
    def talk(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(head(len(BODY)) + BODY[:2_000_001])

    with raw_host(talk) as host, pytest.raises(Transient, match="ended early"):
        connect(resume_at_once_bytes=10**7).fetch(DownloadFile(url=f"{host.url}/a", destination="a"))

    assert part(root).read_bytes() == BODY[:2_000_001]
