"""Hosts that hold back, cut off, contradict themselves or send anything at all: an end in time, and no truncated file."""

import contextlib
import hashlib
import shutil
import socket
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leeward.extension.errors import Permanent, ProviderError, TargetUnavailable, Transient
from leeward.jobs.download.file import DownloadFile
from providers.downloads.config import DownloadConfig
from providers.downloads.downloader import Downloader
from tests.support.examples import examples
from tests.support.fleets.raw_host import RawHost, Talk, raw_host, read_request

Connect = Callable[..., Downloader]
QUICK: dict[str, Any] = {"read_timeout": timedelta(seconds=0.2), "begin_timeout": timedelta(seconds=0.6)}
HEAD = b"HTTP/1.1 200 OK\r\n"
DRIPS = {
    "informational answers": (b"", b"HTTP/1.1 102 Processing\r\n\r\n"),
    "a status line": (b"", b"H"),
    "a header": (HEAD + b"X-Long: ", b"x"),
    "headers": (HEAD, b"X-More: y\r\n"),
    "a chunk's size": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"0"),
    "a chunk's extension": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n2;x=", b"y"),
    "an extension after some chunks": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n2;x=", b"y"),
    "trailers": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n", b"X-More: y\r\n"),
}


@pytest.mark.parametrize("name", DRIPS)
def test_what_is_no_byte_of_the_file_does_not_lengthen_the_wait(name: str, connect: Connect, root: Path) -> None:
    first, drop = DRIPS[name]

    def talk(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(first)
        host.drip(connection, drop)

    with raw_host(talk) as host, pytest.raises(Transient):
        connect(**QUICK).fetch(DownloadFile(url=f"{host.url}/a", destination="a"))

    assert list(root.iterdir()) == []


def test_a_chain_of_redirects_is_limited_in_time_too(connect: Connect) -> None:
    def talk(connection: socket.socket) -> None:
        read_request(connection)
        host.drip(connection, b"HTTP/1.1 102 Processing\r\n\r\n", times=6)
        connection.sendall(b"HTTP/1.1 302 Found\r\nLocation: /again\r\nContent-Length: 0\r\n\r\n")

    with raw_host(talk) as host, pytest.raises(Transient, match="time limit"):
        connect(**QUICK, maximum_redirects=1000).fetch(DownloadFile(url=f"{host.url}/a", destination="a"))


def test_a_resolver_that_hangs_is_not_waited_for(connect: Connect) -> None:
    def say_nothing(connection: socket.socket) -> None:
        read_request(connection)

    with raw_host(say_nothing) as silent:  # ends the wait, and with it the resolver's thread

        def resolver(_host: str, _port: int) -> list[str]:
            with socket.create_connection(("127.0.0.1", silent.port)) as waits:
                waits.recv(1)
            return []

        job = DownloadFile(url="http://files.test/a", destination="a")
        with pytest.raises(Transient, match="does not resolve"):
            connect(resolver=resolver, connect_timeout=timedelta(seconds=0.1)).fetch(job)


BODY = hashlib.sha256(b"seed").digest() * 9375  # 300,000 bytes
SHA256 = hashlib.sha256(BODY).hexdigest()
STAMP, LATER, YOUNG = "Mon, 02 Jan 2023 03:04:05 GMT", "Tue, 03 Jan 2023 03:04:05 GMT", "Mon, 02 Jan 2023 03:04:35 GMT"


class Cutting:
    """Serves BODY and cuts every answer after 100,000 bytes, as some hosts do."""

    def __init__(self, *fields: str, heeds_if_range: bool = True) -> None:
        self._fields = "".join(f"{field}\r\n" for field in fields)
        self._heeds_if_range = heeds_if_range
        self.asked: list[tuple[str | None, str | None]] = []

    def talk(self, connection: socket.socket) -> None:
        lines = read_request(connection).decode().split("\r\n")
        fields = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
        self.asked.append((fields.get("range"), fields.get("if-range")))
        first = int(fields["range"][6:-1]) if "range" in fields else 0
        head = f"HTTP/1.1 206 X\r\nContent-Range: bytes {first}-299999/300000\r\n" if first else "HTTP/1.1 200 X\r\n"
        head += f"{self._fields}Content-Length: {len(BODY) - first}\r\n\r\n"
        connection.sendall(head.encode() + BODY[first : first + 100_000])


@pytest.mark.parametrize(
    ("fields", "sha256", "condition"),
    [
        (['ETag: "v"'], None, '"v"'),
        ([f"Last-Modified: {STAMP}", f"Date: {LATER}"], None, STAMP),
        ([f"Last-Modified: {STAMP}", f"Date: {LATER}"], SHA256, STAMP),
        ([f"Last-Modified: {STAMP}", f"Date: {YOUNG}"], SHA256, None),
        (['ETag: W/"v"', f"Last-Modified: {STAMP}", f"Date: {LATER}"], SHA256, None),
        ([], SHA256, None),
    ],
    ids=str,
)
@pytest.mark.parametrize("at_once", [1000, 10**6], ids=["one delivery", "three deliveries"])
def test_a_download_resumes_in_as_many_requests_as_it_needs(
    fields: list[str], sha256: str | None, condition: str | None, at_once: int, connect: Connect, root: Path
) -> None:
    cutting = Cutting(*fields)
    with raw_host(cutting.talk) as host:
        job = DownloadFile(url=f"{host.url}/a", destination="a", sha256=sha256)
        downloader = connect(resume_at_once_bytes=at_once)
        for _ in range(2 if at_once > 100_000 else 0):
            with pytest.raises(Transient):
                downloader.fetch(job)
        assert downloader.fetch(job).sha256 == SHA256

    assert (root / "a").read_bytes() == BODY
    assert cutting.asked == [(None, None), ("bytes=100000-", condition), ("bytes=200000-", condition)]


@pytest.mark.parametrize(
    "fields",
    [[], [f"Last-Modified: {STAMP}", f"Date: {YOUNG}"], ['ETag: W/"v"', f"Last-Modified: {STAMP}", f"Date: {LATER}"]],
)
def test_without_a_strong_validator_or_a_checksum_nothing_is_put_together(
    fields: list[str], connect: Connect, root: Path
) -> None:
    cutting = Cutting(*fields)
    with raw_host(cutting.talk) as host:
        for _ in range(2):
            with pytest.raises(Transient):
                connect(resume_at_once_bytes=1000).fetch(DownloadFile(url=f"{host.url}/a", destination="a"))

    assert cutting.asked == [(None, None), (None, None)]
    assert list(root.iterdir()) == []


@pytest.mark.parametrize(
    "fields", [b'ETag: "v"\r\n', b'ETag: "other"\r\n', b"", b"Last-Modified: Mon, 02 Jan 2023 03:04:05 GMT\r\n"]
)
@pytest.mark.parametrize("total", [b"40000", b"100000", b"0", b"*"])
def test_a_416_never_makes_a_truncated_file(fields: bytes, total: bytes, connect: Connect, root: Path) -> None:
    def talk(connection: socket.socket) -> None:
        if b"Range:" in read_request(connection):
            connection.sendall(
                b"HTTP/1.1 416 X\r\nContent-Range: bytes */" + total + b"\r\n" + fields + b"Content-Length: 0\r\n\r\n"
            )
        else:
            connection.sendall(HEAD + b'ETag: "v"\r\nContent-Length: 100000\r\n\r\n' + b"x" * 40_000)

    with raw_host(talk) as host:
        for _ in range(3):
            with pytest.raises(Transient):
                connect().fetch(DownloadFile(url=f"{host.url}/a", destination="a"))

    assert not (root / "a").exists()


def answering(*answers: bytes) -> Talk:
    """One answer for each connection, the last one again and again."""
    left = list(answers)

    def talk(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(left.pop(0) if len(left) > 1 else left[0])

    return talk


def whole(content: bytes, etag: str, length: int | None = None) -> bytes:
    announced = len(content) if length is None else length
    return HEAD + f'ETag: "{etag}"\r\nContent-Length: {announced}\r\n\r\n'.encode() + content


OLD, NEW = b"old" * 50_000, b"new" * 60_000


@pytest.mark.parametrize("sized", [False, True])
def test_a_file_that_is_truncated_and_then_published_anew_arrives(sized: bool, connect: Connect, root: Path) -> None:
    job: dict[str, Any] = {"sha256": hashlib.sha256(NEW).hexdigest()} | ({"size_bytes": len(NEW)} if sized else {})
    cut = whole(OLD[:120_000], "old", len(NEW))
    with raw_host(answering(cut, whole(b"", "empty"), whole(NEW, "new"))) as host:
        wanted = DownloadFile(url=f"{host.url}/f", destination="f", **job)
        downloader = connect(resume_at_once_bytes=1000)
        with pytest.raises(TargetUnavailable, match="afresh"):
            downloader.fetch(wanted)
        assert downloader.fetch(wanted).size_bytes == len(NEW)
        assert host.connections == 3

    assert (root / "f").read_bytes() == NEW
    assert [path.name for path in root.iterdir()] == ["f"]


def test_a_file_that_was_replaced_during_its_one_answer_is_fetched_anew(connect: Connect, root: Path) -> None:
    mixed = OLD[:100_000] + NEW[100_000:]
    with raw_host(answering(whole(mixed, "old"), whole(NEW, "new"), whole(NEW, "new"))) as host:
        wanted = DownloadFile(url=f"{host.url}/f", destination="f", sha256=hashlib.sha256(NEW).hexdigest())
        with pytest.raises(TargetUnavailable, match="afresh"):
            connect().fetch(wanted)
        assert connect().fetch(wanted).size_bytes == len(NEW)


def test_the_same_version_that_is_wrong_twice_is_wrong_and_a_changing_one_is_not(connect: Connect) -> None:
    cut, wrong = whole(OLD[:120_000], "v1", len(OLD)), whole(OLD, "v2")
    with raw_host(answering(cut, wrong, whole(OLD, "v3"), whole(OLD, "v3"))) as host:
        wanted = DownloadFile(url=f"{host.url}/f", destination="f", sha256="0" * 64)
        downloader = connect(resume_at_once_bytes=1000)
        for _ in range(2):  # v2 replaced v1, and v3 replaced v2
            with pytest.raises(TargetUnavailable):
                downloader.fetch(wanted)
        with pytest.raises(Permanent, match="SHA-256"):
            downloader.fetch(wanted)


def test_what_a_host_announces_is_no_full_disk(connect: Connect, root: Path) -> None:
    disk = shutil.disk_usage(root)
    announced = {disk.total * 2: Permanent, disk.total * 2 + 9 * 10**12: Permanent, disk.free - 1000: TargetUnavailable}
    for length, kind in announced.items():
        said = HEAD + f"Content-Length: {length}\r\n\r\nx".encode()
        with raw_host(answering(said)) as host, pytest.raises(ProviderError) as refused:
            connect().fetch(DownloadFile(url=f"{host.url}/a", destination="a", size_limit_bytes=10**17))
        assert type(refused.value) is kind

    assert list(root.iterdir()) == []


FIELDS = [
    b"Content-Length: 5",
    b"Content-Length: 99999999999999999999",
    b"Content-Length: " + b"9" * 5000,
    b"Content-Range: bytes 2-4/5",
    b"Content-Range: bytes */5",
    b"Content-Encoding: gzip",
    b"Transfer-Encoding: chunked",
    b'ETag: "v"',
    b"Last-Modified: 0",
    b"Date: \xc3\xa9",
    b"Retry-After: 1e9",
    b"Location: http://[::1",
    b"Location: \xff",
    b"Location: //",
    b"Location: http://xn--\xc3\xa4/",
    b"\xff\xfe",
    b"5\r\nhello\r\n0\r\n",
    b"ffffffffffffffff",
]
STATUSES = [HEAD, b"HTTP/1.1 206 X\r\n", b"HTTP/1.1 416 X\r\n", b"HTTP/1.1 302 X\r\n", b"HTTP/1.0 200\r\n"]
FRAGMENTS = st.sampled_from([*STATUSES, *(field + b"\r\n" for field in FIELDS), b"\r\n", b"\r\n\r\n", b"hello"])


@pytest.fixture(scope="module")
def scripted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[RawHost, list[bytes], Downloader, Path]]:
    """A host whose next answers a test sets, and a downloader for it."""
    script: list[bytes] = []

    def talk(connection: socket.socket) -> None:
        if read_request(connection) and script:
            connection.sendall(script.pop(0))

    root = tmp_path_factory.mktemp("downloads")
    config = DownloadConfig(root=root, allow_private_addresses=True, resume_at_once_bytes=1, **QUICK)
    with raw_host(talk) as host:
        yield host, script, Downloader(config), root


@settings(max_examples=examples(150), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    answers=st.lists(st.lists(FRAGMENTS | st.binary(max_size=10), max_size=7).map(b"".join), min_size=1, max_size=3),
    begins=st.sampled_from([b"", HEAD, HEAD + b'ETag: "v"\r\nContent-Length: 5\r\n\r\nhe']),
    checks=st.sampled_from([{}, {"size_bytes": 5}, {"sha256": hashlib.sha256(b"hello").hexdigest()}]),
)
def test_any_bytes_are_a_whole_file_or_a_class_of_error(
    scripted: tuple[RawHost, list[bytes], Downloader, Path], answers: list[bytes], begins: bytes, checks: dict[str, Any]
) -> None:
    host, script, downloader, root = scripted
    script[:] = [begins + answers[0], *answers[1:]]
    with contextlib.suppress(ProviderError):
        found = downloader.fetch(DownloadFile(url=f"{host.url}/a", destination="a", **checks))
        published = (root / "a").read_bytes()
        assert len(published) == found.size_bytes
        assert not checks or len(published) == 5
        assert "sha256" not in checks or published == b"hello"
    for left in root.iterdir():
        left.unlink()
