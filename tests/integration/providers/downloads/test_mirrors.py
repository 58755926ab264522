"""Several URLs of one file: the next one is asked where one does not bring it, and continues what can be checked."""

import base64
import hashlib
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from leeward.extension.errors import Misconfigured, Permanent, ProviderError, RateLimited, TargetUnavailable, Transient
from leeward.jobs.download.file import DownloadFile
from providers.downloads.downloader import Downloader
from providers.http_client.proxy import proxy_address
from simulators.faults import Effect, Rule, Stage
from simulators.files.server import FilesSimulator
from tests.integration.providers.downloads.on_disk import asked, own_files, part, requests
from tests.support.fleets.raw_host import raw_host, read_request

Connect = Callable[..., Downloader]
SIZE = 600_000
REFUSED = "http://127.0.0.1:1/a.iso"


@pytest.fixture
def mirror() -> Iterator[FilesSimulator]:
    with FilesSimulator() as simulator:
        yield simulator


@pytest.fixture
def job(host: FilesSimulator, mirror: FilesSimulator) -> Callable[..., DownloadFile]:
    def make(**fields: Any) -> DownloadFile:
        wanted = {"url": f"{host.url}/a.iso", "mirrors": [f"{mirror.url}/a.iso"], "destination": "a.iso"}
        return DownloadFile.model_validate(wanted | fields)

    return make


Job = Callable[..., DownloadFile]


@pytest.mark.parametrize("status", [403, 404, 410, 429, 500, 503])
def test_what_one_host_refuses_the_next_one_brings(
    status: int, host: FilesSimulator, mirror: FilesSimulator, job: Job, downloader: Downloader, root: Path
) -> None:
    host.faults.set(Rule(effect=Effect.STATUS, status=status))
    file = mirror.publish("/a.iso", size=SIZE)

    assert downloader.fetch(job()).sha256 == file.sha256()
    assert own_files(root) == []


@pytest.mark.parametrize(
    "url",
    [REFUSED, "http://no-such-host.invalid/a.iso", "http://169.254.169.254/a.iso", "ftp://127.0.0.1/a.iso"],
)
def test_a_url_that_cannot_be_asked_is_passed_over(
    url: str, mirror: FilesSimulator, job: Job, downloader: Downloader
) -> None:
    file = mirror.publish("/a.iso", size=SIZE)
    made = job().model_copy(update={"url": url})

    assert downloader.fetch(made).sha256 == file.sha256()


def test_a_host_with_another_file_is_passed_over_where_the_job_names_the_checksum(
    host: FilesSimulator, mirror: FilesSimulator, job: Job, downloader: Downloader, root: Path
) -> None:
    host.publish("/a.iso", size=SIZE, seed="another")
    file = mirror.publish("/a.iso", size=SIZE)

    found = downloader.fetch(job(sha256=file.sha256()))

    assert found.sha256 == file.sha256()
    assert asked(mirror) == [(None, 200)]
    assert own_files(root) == []


def test_with_a_checksum_the_next_host_continues_what_the_first_began(
    host: FilesSimulator, mirror: FilesSimulator, job: Job, downloader: Downloader
) -> None:
    host.publish("/a.iso", size=SIZE, close_after_bytes=SIZE // 2)
    file = mirror.publish("/a.iso", size=SIZE, validator="weak")

    found = downloader.fetch(job(sha256=file.sha256()))

    assert found.sha256 == file.sha256()
    assert [(entry["headers"].get("range"), entry["headers"].get("if-range")) for entry in requests(mirror)] == [
        (f"bytes={SIZE // 2}-", None)
    ]


def test_without_a_checksum_bytes_of_two_hosts_are_never_put_together(
    host: FilesSimulator, mirror: FilesSimulator, job: Job, downloader: Downloader, root: Path
) -> None:
    host.publish("/a.iso", size=SIZE, seed="same")
    host.faults.set(Rule(effect=Effect.RESET, stage=Stage.DURING, after_bytes=SIZE // 2))
    file = mirror.publish("/a.iso", size=SIZE, seed="same")

    assert downloader.fetch(job()).sha256 == file.sha256()
    assert asked(mirror) == [(None, 200)]


def test_bytes_that_a_mirror_brought_are_continued_there_and_outlast_a_host_that_fails(
    host: FilesSimulator, mirror: FilesSimulator, job: Job, downloader: Downloader, root: Path
) -> None:
    host.faults.set(Rule(effect=Effect.STATUS, status=503))
    file = mirror.publish("/a.iso", size=SIZE)
    mirror.faults.set(Rule(effect=Effect.RESET, stage=Stage.DURING, after_bytes=SIZE // 2, times=1))
    with pytest.raises((Transient, TargetUnavailable)):
        downloader.fetch(job())
    begun = part(root).stat().st_size

    found = downloader.fetch(job())

    assert 0 < begun < SIZE
    assert (found.resumed_from, found.sha256) == (begun, file.sha256())
    assert asked(host) == [(None, 503)]


def test_a_file_that_is_begun_at_one_url_is_continued_by_a_job_with_another_and_the_same_checksum(
    host: FilesSimulator, mirror: FilesSimulator, job: Job, downloader: Downloader
) -> None:
    file = host.publish("/a.iso", size=SIZE, close_after_bytes=SIZE // 2)
    mirror.publish("/a.iso", size=SIZE)
    with pytest.raises(ProviderError):
        downloader.fetch(job(mirrors=None, sha256=file.sha256()))

    found = downloader.fetch(job(url=f"{mirror.url}/a.iso", mirrors=None, sha256=file.sha256()))

    assert (found.resumed_from, found.sha256) == (SIZE // 2, file.sha256())


@pytest.mark.parametrize(
    ("first", "second", "kind"),
    [
        (404, 410, Permanent),
        (404, 503, TargetUnavailable),
        (503, 404, TargetUnavailable),
        (404, 429, RateLimited),
        (500, 503, Transient),
        (429, 503, TargetUnavailable),
    ],
)
def test_while_one_of_them_may_bring_it_later_the_job_is_tried_again(
    first: int,
    second: int,
    kind: type[ProviderError],
    host: FilesSimulator,
    mirror: FilesSimulator,
    job: Job,
    downloader: Downloader,
    root: Path,
) -> None:
    host.faults.set(Rule(effect=Effect.STATUS, status=first))
    mirror.faults.set(Rule(effect=Effect.STATUS, status=second))

    with pytest.raises(ProviderError) as failed:
        downloader.fetch(job())

    assert type(failed.value) is kind
    assert f"answered {first}" in str(failed.value)
    assert f"answered {second}" in str(failed.value)
    assert own_files(root) == []


def test_secrets_of_no_url_are_in_the_error(downloader: Downloader) -> None:
    job = DownloadFile(
        url="http://u:pass-1@127.0.0.1:1/a?token=one",
        mirrors=("http://u:pass-2@127.0.0.1:1/b?token=two",),
        destination="a",
    )

    with pytest.raises(ProviderError) as failed:
        downloader.fetch(job)

    assert not {"pass-1", "pass-2", "token"} & set(str(failed.value).replace("=", " ").replace("@", " ").split())


def test_a_full_disk_is_no_reason_to_ask_the_next_host(
    host: FilesSimulator, mirror: FilesSimulator, job: Job, connect: Connect
) -> None:
    host.publish("/a.iso", size=SIZE)
    mirror.publish("/a.iso", size=SIZE)

    with pytest.raises(ProviderError, match="to stay free"):
        connect(free_disk_reserve_bytes=2**62).fetch(job())

    assert asked(mirror) == []


def test_damage_that_the_host_itself_can_name_is_noticed_and_another_host_asked(connect: Connect, root: Path) -> None:
    body, damaged = b"right" * 1000, b"wrong" * 1000
    named = f"Repr-Digest: sha-256=:{_base64(body)}:\r\nContent-Length: {len(body)}\r\n\r\n".encode()

    def talk(connection: socket.socket) -> None:
        sent = damaged if b"GET /damaged" in read_request(connection) else body
        connection.sendall(b"HTTP/1.1 200 OK\r\n" + named + sent)

    with raw_host(talk) as host:
        job = DownloadFile(url=f"{host.url}/damaged", destination="a")
        with pytest.raises(TargetUnavailable, match="damaged"):
            connect().fetch(job)
        assert own_files(root) == []

        connect().fetch(job.model_copy(update={"mirrors": (f"{host.url}/right",)}))

    assert (root / "a").read_bytes() == body


def _base64(data: bytes) -> str:
    return base64.b64encode(hashlib.sha256(data).digest()).decode()


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_that_wants_credentials_is_no_matter_of_one_source(
    scheme: str, raw_host: Callable[[bytes], str], connect: Connect, job: Job
) -> None:
    proxy = raw_host(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
    never = f"{scheme}://169.254.169.254/a.iso"

    with pytest.raises(Misconfigured, match="the proxy answered 407"):
        connect(proxy=proxy_address(proxy)).fetch(job(url=f"{scheme}://files.example.test/a.iso", mirrors=[never]))
