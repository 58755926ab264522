"""yt-dlp itself, with its generic reader of pages, against a local host."""

import os
import signal
import ssl
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import trustme

from leeward.extension.errors import Busy, Permanent, ProviderError, RateLimited, Transient
from leeward.jobs.download.media import DownloadMedia
from providers.ytdlp.fetcher import Fetcher, Media
from simulators.files.server import FilesSimulator
from tests.integration.providers.downloads.on_disk import requests, sha256
from tests.integration.providers.ytdlp.conftest import page
from tests.integration.providers.ytdlp.processes import part_bytes, running
from tests.support.waiting import wait_until

pytestmark = pytest.mark.costly

Connect = Callable[..., Fetcher]
Wanted = Callable[..., DownloadMedia]
SIZE = 3_000_000


def _asked(host: FilesSimulator) -> list[tuple[str | None, str | None, int]]:
    """Range, condition and status of each request for the film."""
    found = [entry for entry in requests(host) if entry["path"] == "/film.mp4"]
    return [(one["headers"].get("range"), one["headers"].get("if-range"), one["status"]) for one in found]


def _interrupted(fetcher: Fetcher, job: DownloadMedia, root: Path) -> ProviderError:
    """Kills yt-dlp in the middle of the film."""
    with ThreadPoolExecutor(1) as pool:
        delivery = pool.submit(fetcher.fetch, job)
        wait_until(lambda: part_bytes(root) > SIZE // 10, description="a part of the film is there", timeout=60)
        (process,) = running(root)
        with pytest.raises(Busy):
            fetcher.fetch(job)
        os.kill(process, signal.SIGKILL)
        error = delivery.exception()
    assert isinstance(error, ProviderError)
    assert running(root) == []
    return error


def test_the_film_of_a_page_is_put_in_its_place_and_requested_once(
    host: FilesSimulator, connect: Connect, wanted: Wanted, root: Path
) -> None:
    film = host.publish("/film.mp4", size=SIZE)

    brought = connect().fetch(wanted())

    assert brought == Media("Films/A film (2026).mp4", SIZE, False, "page-1", "A film (1)", "html5", None)
    assert sha256(root / brought.path) == film.sha256()
    before = len(requests(host))
    assert connect().fetch(wanted()) == Media(
        "Films/A film (2026).mp4", SIZE, True, "page-1", "A film (1)", "html5", None
    )
    assert len(requests(host)) == before
    assert [path.name for path in root.rglob("media*")] == []


def test_an_interrupted_film_is_continued(host: FilesSimulator, connect: Connect, wanted: Wanted, root: Path) -> None:
    host.publish("/film.mp4", size=SIZE, bytes_per_second=1_000_000)
    assert type(_interrupted(connect(), wanted(), root)) is Transient
    film = host.publish("/film.mp4", size=SIZE)
    there = part_bytes(root)

    brought = connect().fetch(wanted())

    assert sha256(root / brought.path) == film.sha256()
    assert (f"bytes={there}-", film.etag("0"), 206) in _asked(host)


def test_a_film_that_was_replaced_is_not_joined_to_the_part_of_the_old_one(
    host: FilesSimulator, connect: Connect, wanted: Wanted, root: Path
) -> None:
    old = host.publish("/film.mp4", size=SIZE, bytes_per_second=1_000_000)
    _interrupted(connect(), wanted(), root)
    there = part_bytes(root)
    film = host.publish("/film.mp4", size=SIZE, seed="new")

    brought = connect().fetch(wanted())

    assert sha256(root / brought.path) == film.sha256()
    assert (f"bytes={there}-", old.etag("0"), 200) in _asked(host)


def test_a_redirect_to_a_clouds_metadata_is_not_followed(
    host: FilesSimulator, connect: Connect, wanted: Wanted, root: Path
) -> None:
    host.publish("/moved", location="http://169.254.169.254/latest/meta-data/")

    with pytest.raises(Permanent, match=r"leeward refuses to connect to 169\.254\.169\.254 \(link-local\)"):
        connect().fetch(wanted("/moved"))


def test_through_a_proxy_hosts_that_are_written_as_a_private_address_are_refused_all_the_same(
    host: FilesSimulator, connect: Connect, wanted: Wanted, root: Path
) -> None:
    """The simulated host is the proxy: what it is asked for is not where it is."""
    host.publish("/film.mp4", size=SIZE)
    host.publish("/moved", location="http://10.0.0.1/film.mp4")
    through = connect(allow_private=False, proxy=host.url)

    assert through.fetch(wanted(url="http://films.test/page")).size_bytes == SIZE
    with pytest.raises(Permanent, match=r"leeward refuses to connect to 10\.0\.0\.1 \(private\)"):
        through.fetch(wanted(url="http://films.test/moved"))


def test_an_authority_of_the_operators_own_is_trusted_besides(connect: Connect, root: Path, tmp_path: Path) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    with FilesSimulator(tls=context) as host:
        host.publish("/film.mp4", size=SIZE)
        job = DownloadMedia(url=f"https://localhost:{host.port}/film.mp4", destination="a")

        assert connect(ca_file=tmp_path / "ca.pem").fetch(job).size_bytes == SIZE


def test_a_list_of_films_is_refused_before_any_is_brought(
    host: FilesSimulator, connect: Connect, wanted: Wanted, root: Path
) -> None:
    host.publish("/film.mp4", size=SIZE)
    host.faults.set(page("/list", '<title>Two</title><video src="/film.mp4"></video><video src="/b.mp4"></video>'))

    with pytest.raises(Permanent, match="is a list of 2"):
        connect().fetch(wanted("/list"))

    assert list(root.rglob("*.mp4*")) == []


def test_a_host_that_limits_the_rate_is_waited_for(host: FilesSimulator, connect: Connect, wanted: Wanted) -> None:
    host.faults.set(page("/page", "slow down", status=429))

    with pytest.raises(RateLimited) as refused:
        connect().fetch(wanted())

    assert refused.value.status == 429
