import socket
from collections.abc import Callable
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest

from leeward.extension.errors import Permanent, RateLimited, TargetUnavailable, Transient
from leeward.jobs.download.file import DownloadFile
from providers.downloads.downloader import Downloader
from simulators.faults import Effect, Rule, Stage
from simulators.files.server import FilesSimulator
from tests.integration.providers.downloads.on_disk import asked, own_files, part, sha256

Wanted = Callable[..., DownloadFile]
Connect = Callable[..., Downloader]
SIZE = 600_000


def test_503_passes_on_how_long_the_host_wants_to_be_left_alone(
    host: FilesSimulator, downloader: Downloader, wanted: Wanted
) -> None:
    host.faults.set(Rule(effect=Effect.STATUS, status=503, retry_after="005"))

    with pytest.raises(Transient) as failed:
        downloader.fetch(wanted())

    assert (failed.value.status, failed.value.retry_after) == (503, timedelta(seconds=5))
    assert not failed.value.unreachable


def test_429_asks_for_patience(host: FilesSimulator, downloader: Downloader, wanted: Wanted) -> None:
    host.faults.set(Rule(effect=Effect.STATUS, status=429, retry_after="30"))

    with pytest.raises(RateLimited) as failed:
        downloader.fetch(wanted())

    assert failed.value.retry_after == timedelta(seconds=30)


@pytest.mark.parametrize("status", [404, 410])
def test_a_file_that_is_gone_is_gone_and_its_part_too(
    host: FilesSimulator, downloader: Downloader, wanted: Wanted, root: Path, status: int
) -> None:
    host.publish("/a.iso", size=SIZE, close_after_bytes=SIZE // 2)
    with pytest.raises(Transient):
        downloader.fetch(wanted())
    host.faults.set(Rule(effect=Effect.STATUS, status=status))

    with pytest.raises(Permanent):
        downloader.fetch(wanted())

    assert list(root.iterdir()) == []


def test_an_outage_in_between_keeps_the_part(
    host: FilesSimulator, downloader: Downloader, wanted: Wanted, root: Path
) -> None:
    host.publish("/a.iso", size=SIZE, close_after_bytes=SIZE // 2)
    with pytest.raises(Transient):
        downloader.fetch(wanted())
    host.faults.set(Rule(effect=Effect.STATUS, status=502))
    for _ in range(3):
        with pytest.raises(Transient, match="502"):
            downloader.fetch(wanted())
    host.faults.reset()
    file = host.publish("/a.iso", size=SIZE)

    assert downloader.fetch(wanted()).resumed_from == SIZE // 2
    assert sha256(root / "a.iso") == file.sha256()


def test_a_host_that_refuses_connections_is_unreachable(root: Path, downloader: Downloader) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))  # bound, but nobody listens
        url = f"http://127.0.0.1:{unused.getsockname()[1]}/a"

        with pytest.raises(Transient) as failed:
            downloader.fetch(DownloadFile(url=url, destination="a"))

    assert failed.value.unreachable
    assert own_files(root) == []


def test_a_name_that_does_not_resolve_is_unreachable(connect: Connect) -> None:
    def resolver(host: str, port: int) -> list[str]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    with pytest.raises(Transient, match="does not resolve") as failed:
        connect(resolver=resolver).fetch(DownloadFile(url="http://files.test/a", destination="a"))

    assert failed.value.unreachable


def test_a_host_that_never_answers_is_given_up(host: FilesSimulator, connect: Connect, wanted: Wanted) -> None:
    host.faults.set(Rule(effect=Effect.HANG))

    with pytest.raises(Transient, match="within the time limit") as failed:
        connect(read_timeout=timedelta(seconds=0.1)).fetch(wanted())

    assert failed.value.unreachable


def test_a_host_that_falls_silent_is_given_up_and_what_came_is_kept(
    host: FilesSimulator, connect: Connect, wanted: Wanted, root: Path
) -> None:
    file = host.publish("/a.iso", size=SIZE)
    host.faults.set(Rule(effect=Effect.HANG, stage=Stage.DURING, after_bytes=SIZE // 2))
    downloader = connect(read_timeout=timedelta(seconds=0.2))
    with pytest.raises(Transient):
        downloader.fetch(wanted())
    host.faults.reset()

    assert downloader.fetch(wanted()).resumed_from == SIZE // 2
    assert sha256(root / "a.iso") == file.sha256()


def test_a_host_that_only_drips_is_given_up_and_what_came_is_kept(
    host: FilesSimulator, connect: Connect, wanted: Wanted, root: Path
) -> None:
    host.publish("/a.iso", size=SIZE, bytes_per_second=100_000)
    seconds = count()  # every chunk takes one: slower than it looks
    window = timedelta(seconds=5)
    downloader = connect(clock=lambda: float(next(seconds)), minimum_bytes_per_second=1_000_000, speed_window=window)

    with pytest.raises(Transient, match="less than 1000000 bytes per second"):
        downloader.fetch(wanted())

    assert 0 < part(root).stat().st_size < SIZE


def test_a_slow_host_that_keeps_the_minimum_is_waited_for(
    host: FilesSimulator, connect: Connect, wanted: Wanted
) -> None:
    file = host.publish("/a.iso", size=60_000, bytes_per_second=100_000)
    downloader = connect(minimum_bytes_per_second=1000, speed_window=timedelta(seconds=0.2))

    assert downloader.fetch(wanted()).sha256 == file.sha256()


def test_what_is_no_http_at_all_is_an_outage(downloader: Downloader, raw_host: Callable[[bytes], str]) -> None:
    url = raw_host(b"220 mail.test ESMTP\r\n")

    with pytest.raises(Transient, match="not HTTP") as failed:
        downloader.fetch(DownloadFile(url=url, destination="a"))

    assert failed.value.unreachable


def test_a_failure_is_told_without_asking_again(host: FilesSimulator, downloader: Downloader, wanted: Wanted) -> None:
    host.faults.set(Rule(effect=Effect.STATUS, status=500))

    with pytest.raises(Transient):
        downloader.fetch(wanted())

    assert len(asked(host)) == 1


@pytest.mark.parametrize("effect", [Effect.STATUS, Effect.RESET])
def test_a_host_that_fails_while_another_answers_is_no_outage_of_downloads(
    effect: Effect, host: FilesSimulator, downloader: Downloader, wanted: Wanted
) -> None:
    host.faults.set(Rule(effect=effect, status=503 if effect is Effect.STATUS else None))
    with pytest.raises(Transient):
        downloader.fetch(wanted())
    with FilesSimulator() as other:
        other.publish("/b", size=10)
        downloader.fetch(DownloadFile(url=f"{other.url}/b", destination="b"))

    with pytest.raises(TargetUnavailable):
        downloader.fetch(wanted())


def test_a_refusal_shows_that_the_network_works(host: FilesSimulator, downloader: Downloader, wanted: Wanted) -> None:
    host.faults.set(Rule(effect=Effect.STATUS, status=503))
    with FilesSimulator() as other, pytest.raises(Permanent):
        downloader.fetch(DownloadFile(url=f"{other.url}/missing", destination="b"))

    with pytest.raises(TargetUnavailable):
        downloader.fetch(wanted())
