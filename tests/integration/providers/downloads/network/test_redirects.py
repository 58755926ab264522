from collections.abc import Callable, Iterator

import pytest

from leeward.extension.errors import Permanent, Transient
from leeward.jobs.download.file import DownloadFile
from providers.downloads.downloader import Downloader
from simulators.faults import Effect, Rule
from simulators.files.server import FilesSimulator
from tests.integration.providers.downloads.on_disk import asked, last_headers

Wanted = Callable[..., DownloadFile]
SIZE = 600_000


@pytest.fixture
def mirror() -> Iterator[FilesSimulator]:
    """Another host."""
    with FilesSimulator() as simulator:
        yield simulator


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_to_another_host_is_followed(
    host: FilesSimulator, mirror: FilesSimulator, downloader: Downloader, wanted: Wanted, status: int
) -> None:
    file = mirror.publish("/b.iso", size=SIZE)
    host.publish("/a.iso", location=f"{mirror.url}/b.iso", redirect_status=status)

    assert downloader.fetch(wanted()).sha256 == file.sha256()
    assert last_headers(mirror)["host"] == mirror.url.removeprefix("http://")


def test_a_relative_redirect_is_followed(host: FilesSimulator, downloader: Downloader, wanted: Wanted) -> None:
    file = host.publish("/files/b.iso", size=SIZE)
    host.publish("/files/a.iso", location="b.iso")

    assert downloader.fetch(wanted("/files/a.iso")).sha256 == file.sha256()


def test_credentials_are_not_sent_to_the_other_host(
    host: FilesSimulator, mirror: FilesSimulator, downloader: Downloader
) -> None:
    mirror.publish("/b.iso", size=SIZE)
    host.publish("/a.iso", location=f"{mirror.url}/b.iso")
    url = host.url.replace("http://", "http://user:word@") + "/a.iso"

    downloader.fetch(DownloadFile(url=url, destination="a.iso"))

    assert "authorization" in last_headers(host)
    assert "authorization" not in last_headers(mirror)


def test_a_continued_download_asks_the_first_url_again(
    host: FilesSimulator, mirror: FilesSimulator, downloader: Downloader, wanted: Wanted
) -> None:
    mirror.publish("/old.iso", size=SIZE, close_after_bytes=SIZE // 2)
    host.publish("/a.iso", location=f"{mirror.url}/old.iso")
    with pytest.raises(Transient):
        downloader.fetch(wanted())
    file = mirror.publish("/new.iso", size=SIZE)
    host.publish("/a.iso", location=f"{mirror.url}/new.iso")

    found = downloader.fetch(wanted())

    assert (found.resumed_from, found.sha256) == (SIZE // 2, file.sha256())
    assert asked(mirror)[-1] == (f"bytes={SIZE // 2}-", 206)


def test_a_circle_of_redirects_is_left(host: FilesSimulator, downloader: Downloader, wanted: Wanted) -> None:
    host.publish("/a.iso", location="/b.iso")
    host.publish("/b.iso", location="/a.iso")

    with pytest.raises(Permanent, match="more than 10 redirects"):
        downloader.fetch(wanted())

    assert len(asked(host)) == 11


def test_no_redirect_may_be_followed_when_none_is_configured(
    host: FilesSimulator, connect: Callable[..., Downloader], wanted: Wanted
) -> None:
    host.publish("/a.iso", location="/b.iso")

    with pytest.raises(Permanent, match="redirects"):
        connect(maximum_redirects=0).fetch(wanted())

    assert len(asked(host)) == 1


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://h/a", "gopher://h/", ""])
def test_a_redirect_to_anything_but_http_is_not_followed(
    host: FilesSimulator, downloader: Downloader, wanted: Wanted, target: str
) -> None:
    host.publish("/a.iso", location=target)

    with pytest.raises(Permanent):
        downloader.fetch(wanted())


@pytest.mark.parametrize("status", [401, 403])
def test_an_expired_link_is_fetched_anew_from_the_first_url_once(
    host: FilesSimulator, mirror: FilesSimulator, downloader: Downloader, wanted: Wanted, status: int
) -> None:
    file = mirror.publish("/b.iso", size=SIZE)
    host.publish("/a.iso", location=f"{mirror.url}/b.iso")
    mirror.faults.set(Rule(effect=Effect.STATUS, status=status, times=1))

    assert downloader.fetch(wanted()).sha256 == file.sha256()
    assert len(asked(host)) == 2


def test_a_link_that_is_refused_twice_is_refused(
    host: FilesSimulator, mirror: FilesSimulator, downloader: Downloader, wanted: Wanted
) -> None:
    host.publish("/a.iso", location=f"{mirror.url}/b.iso")
    mirror.faults.set(Rule(effect=Effect.STATUS, status=403))

    with pytest.raises(Permanent, match="403"):
        downloader.fetch(wanted())

    assert len(asked(mirror)) == 2


def test_a_refusal_by_the_first_url_itself_is_final(
    host: FilesSimulator, downloader: Downloader, wanted: Wanted
) -> None:
    host.faults.set(Rule(effect=Effect.STATUS, status=403))

    with pytest.raises(Permanent, match="403"):
        downloader.fetch(wanted())

    assert len(asked(host)) == 1
