"""Hosts that compress though nothing of the kind was accepted: undone with limits, or kept where the compressed file is what is wanted."""

import gzip
import hashlib
import socket
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from leeward.extension.errors import Permanent, ProviderError, TargetUnavailable, Transient
from leeward.jobs.download.file import DownloadFile
from providers.downloads.config import MIB
from providers.downloads.disk.folder import Folder
from providers.downloads.downloader import Downloader
from tests.integration.providers.downloads.on_disk import own_files
from tests.support.fleets.raw_host import Talk, raw_host, read_request

Connect = Callable[..., Downloader]
TEXT = b"".join(b"line %d of a text\n" % number for number in range(20_000))
GZIP = gzip.compress(TEXT, mtime=0)


def sending(body: bytes, coding: str = "gzip", *, cut: int | None = None) -> Talk:
    """Answers with these bytes, or with what a range asks for of them; `cut` ends the first answer early."""
    cuts = [] if cut is None else [cut]

    def talk(connection: socket.socket) -> None:
        asked = read_request(connection)
        first = int(asked.partition(b"Range: bytes=")[2].partition(b"-")[0] or 0)
        status = f"206 X\r\nContent-Range: bytes {first}-{len(body) - 1}/{len(body)}" if first else "200 OK"
        head = f'HTTP/1.1 {status}\r\nETag: "coded"\r\nContent-Encoding: {coding}\r\n'
        end = cuts.pop() if cuts else len(body)
        connection.sendall(f"{head}Content-Length: {len(body) - first}\r\n\r\n".encode() + body[first:end])

    return talk


def fetched(talk: Talk, connect: Connect, destination: str = "a.txt", **fields: Any) -> DownloadFile:
    with raw_host(talk) as host:
        job = DownloadFile(url=f"{host.url}/a", destination=destination, **fields)
        connect().fetch(job)
    return job


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip", GZIP),
        ("X-GZIP", GZIP),
        ("deflate", zlib.compress(TEXT)),
        ("gzip", gzip.compress(TEXT[:99]) + gzip.compress(TEXT[99:])),
    ],
)
@pytest.mark.parametrize("fields", [{}, {"size_bytes": len(TEXT)}, {"sha256": hashlib.sha256(TEXT).hexdigest()}])
def test_the_file_is_what_was_compressed(
    coding: str, body: bytes, fields: dict[str, Any], connect: Connect, root: Path
) -> None:
    fetched(sending(body, coding), connect, **fields)

    assert (root / "a.txt").read_bytes() == TEXT
    assert own_files(root) == []


@pytest.mark.parametrize(
    ("destination", "fields"),
    [
        ("a.txt", {"size_bytes": len(GZIP)}),
        ("a.txt", {"sha256": hashlib.sha256(GZIP).hexdigest()}),
        ("logs/a.txt.gz", {}),
        ("a.TGZ", {}),
    ],
)
def test_a_compressed_file_that_is_labelled_as_coded_stays_compressed(
    destination: str, fields: dict[str, Any], connect: Connect, root: Path
) -> None:
    fetched(sending(GZIP), connect, destination, **fields)

    assert (root / destination).read_bytes() == GZIP


def test_a_coded_file_is_continued_in_its_coding(connect: Connect, root: Path) -> None:
    with raw_host(sending(GZIP, cut=9_000)) as host:
        job = DownloadFile(url=f"{host.url}/a", destination="a.txt")
        with pytest.raises(Transient):
            connect().fetch(job)
        found = connect().fetch(job)

    assert found.resumed_from == 9_000
    assert (root / "a.txt").read_bytes() == TEXT


@pytest.mark.parametrize(
    ("body", "fields", "kind"),
    [
        (gzip.compress(bytes(MIB)) * 100, {}, Permanent),
        (gzip.compress(bytes(3 * MIB)), {"size_limit_bytes": MIB}, Permanent),
        (gzip.compress(bytes(3 * MIB)), {"size_bytes": MIB}, Permanent),
        (GZIP[:-9], {}, TargetUnavailable),
        (GZIP[:3000] + b"?" + GZIP[3001:], {}, TargetUnavailable),
        (GZIP + b"trailing", {}, TargetUnavailable),
        (b"no gzip at all", {}, Permanent),
        (gzip.compress(GZIP), {"sha256": hashlib.sha256(TEXT).hexdigest()}, Permanent),
    ],
    ids=["bomb", "limit", "size", "cut", "damaged", "trailing bytes", "a lie", "coded twice"],
)
def test_bombs_and_damage_end_with_an_error_and_leave_nothing(
    body: bytes, fields: dict[str, Any], kind: type[ProviderError], connect: Connect, root: Path
) -> None:
    with pytest.raises(kind):
        fetched(sending(body), connect, **fields)

    assert list(root.iterdir()) == []


def test_a_bomb_that_the_job_knows_the_size_of_is_a_file(connect: Connect, root: Path) -> None:
    fetched(sending(gzip.compress(bytes(MIB)) * 70), connect, size_bytes=70 * MIB)

    assert (root / "a.txt").stat().st_size == 70 * MIB


@pytest.mark.parametrize("coding", ["br", "zstd", "gzip, gzip", "aes128gcm", "x" * 500])
def test_what_cannot_be_undone_needs_a_job_that_can_check_it(coding: str, connect: Connect, root: Path) -> None:
    with pytest.raises(Permanent, match="size_bytes or sha256"):
        fetched(sending(GZIP, coding), connect)

    fetched(sending(GZIP, coding), connect, sha256=hashlib.sha256(GZIP).hexdigest())
    assert (root / "a.txt").read_bytes() == GZIP


def test_the_disk_is_checked_while_it_fills(connect: Connect, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    looks = iter([2**40] * 2)
    monkeypatch.setattr(Folder, "free_bytes", lambda _self: next(looks, 0))

    with pytest.raises(ProviderError, match="too full"):
        fetched(sending(gzip.compress(bytes(MIB)) * 70), connect, size_bytes=70 * MIB)
    assert not (root / "a.txt").exists()
