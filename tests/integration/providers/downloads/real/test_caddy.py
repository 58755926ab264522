"""Caddy: TLS with an authority of its own, HTTP/2 and compression on offer, ranges with its tags."""

import hashlib
from collections.abc import Callable, Iterator

import pytest

from leeward.extension.errors import TargetUnavailable
from leeward.jobs.download.file import DownloadFile
from providers.downloads.downloader import Downloader
from tests.integration.providers.downloads.real.conftest import LONG_AGO, Site, content
from tests.support.real_servers.web import caddy

Connect = Callable[..., Downloader]
Begin = Callable[..., int]


@pytest.fixture
def port(site: Site) -> Iterator[int]:
    with caddy(site.folder, site.files, site.tls) as listening:
        yield listening


def test_a_file_comes_from_a_host_whose_certificate_is_trusted_and_is_its_own(
    port: int, site: Site, connect: Connect
) -> None:
    job = DownloadFile(url=f"https://localhost:{port}/a.bin", destination="a.bin")
    with pytest.raises(TargetUnavailable, match="certificate"):
        connect().fetch(job)
    with pytest.raises(TargetUnavailable, match="no TLS connection"):  # it has no certificate for that name
        connect(ca_file=site.tls.authority).fetch(job.model_copy(update={"url": f"https://127.0.0.1:{port}/a.bin"}))

    assert connect(ca_file=site.tls.authority).fetch(job).sha256 == hashlib.sha256(content(1)).hexdigest()


def test_a_file_is_continued_and_a_replaced_one_begun_again(
    port: int, site: Site, begin: Begin, connect: Connect
) -> None:
    job = DownloadFile(url=f"https://localhost:{port}/a.bin", destination="a.bin")
    downloader = connect(ca_file=site.tls.authority)
    begun = begin(job, ca_file=site.tls.authority)
    assert downloader.fetch(job).resumed_from == begun

    begin(job, ca_file=site.tls.authority)
    new = site.write("a.bin", content(2), modified=LONG_AGO + 9)
    found = downloader.fetch(job)

    assert (found.resumed_from, found.sha256) == (0, new)
