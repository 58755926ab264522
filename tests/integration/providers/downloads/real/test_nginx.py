"""nginx: ranges, validators, replaced files, TLS, refusals, and upstreams that break."""

import hashlib
import socket
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from leeward.embedded.free_port import free_port
from leeward.extension.errors import Permanent, ProviderError, RateLimited, TargetUnavailable, Transient
from leeward.jobs.download.file import DownloadFile
from providers.downloads.downloader import Downloader
from tests.integration.providers.downloads.on_disk import own_files
from tests.integration.providers.downloads.real.conftest import LONG_AGO, SIZE, Site, content
from tests.support.fleets.raw_host import RawHost, raw_host, read_request
from tests.support.real_servers.web import nginx

Connect = Callable[..., Downloader]
Begin = Callable[..., int]
BODY = content(9)


def cutting(connection: socket.socket) -> None:
    """An upstream that ends each of its answers after 2,000,000 bytes."""
    asked = read_request(connection)
    first = int(asked.partition(b"Range: bytes=")[2].partition(b"-")[0] or 0)
    status = f"206 X\r\nContent-Range: bytes {first}-{SIZE - 1}/{SIZE}" if first else "200 OK"
    head = f'HTTP/1.1 {status}\r\nETag: "v"\r\nContent-Length: {SIZE - first}\r\n\r\n'
    connection.sendall(head.encode() + BODY[first : first + 2_000_000])


@pytest.fixture
def upstream() -> Iterator[RawHost]:
    with raw_host(cutting) as host:
        yield host


@pytest.fixture
def url(site: Site, upstream: RawHost) -> Iterator[str]:
    refusing = "".join(
        f"location /s{status} {{ return {status}; }}\n" for status in (403, 404, 410, 444, 500, 503, 507)
    )
    locations = f"""
        location /without-ranges/ {{ alias {site.files}/; max_ranges 0; }}
        location /without-etag/ {{ alias {site.files}/; etag off; }}
        location /gzip/ {{ alias {site.files}/; gzip_static always; }}
        location /patience {{ add_header Retry-After 7 always; return 429; }}
        location /moved/ {{ rewrite ^/moved/(.*) /$1 permanent; }}
        location /loop/ {{ return 302 /loop/x; }}
        location /out {{ return 302 http://169.254.169.254/latest/meta-data/; }}
        location /dead {{ proxy_pass http://127.0.0.1:{free_port()}/; }}
        location /cut {{ proxy_pass {upstream.url}/; proxy_http_version 1.1; proxy_buffering off; }}
        {refusing}
    """
    with nginx(site.folder, site.files, locations=locations) as port:
        yield f"http://127.0.0.1:{port}"


def wanted(url: str, path: str = "/a.bin", **fields: object) -> DownloadFile:
    return DownloadFile.model_validate({"url": url + path, "destination": "a.bin"} | fields)


def ranges(site: Site) -> list[str]:
    """Status and range of each request that nginx has answered."""
    lines = (site.folder / "access.log").read_text().splitlines()
    return [f"{line.split()[0]} {line.split()[2]}" for line in lines]


@pytest.mark.parametrize("path", ["/a.bin", "/moved/a.bin", "/gzip/a.bin"])
def test_a_file_comes_whole(path: str, url: str, downloader: Downloader, root: Path) -> None:
    found = downloader.fetch(wanted(url, path))

    assert found.sha256 == hashlib.sha256(content(1)).hexdigest()
    assert own_files(root) == []


@pytest.mark.parametrize("kind", ["", "/without-etag"])
def test_a_file_is_continued_by_its_tag_or_its_date(
    kind: str, url: str, site: Site, begin: Begin, downloader: Downloader
) -> None:
    job = wanted(url, f"{kind}/a.bin")
    begun = begin(job)

    found = downloader.fetch(job)

    assert (found.resumed_from, found.sha256) == (begun, hashlib.sha256(content(1)).hexdigest())
    assert ranges(site)[-1] == f"206 bytes={begun}-"


def test_a_host_that_ignores_ranges_begins_again(url: str, begin: Begin, downloader: Downloader) -> None:
    job = wanted(url, "/without-ranges/a.bin")
    begin(job)

    found = downloader.fetch(job)

    assert (found.resumed_from, found.sha256) == (0, hashlib.sha256(content(1)).hexdigest())


@pytest.mark.parametrize("kind", ["", "/without-etag"])
def test_a_file_that_was_replaced_meanwhile_is_never_put_together(
    kind: str, url: str, site: Site, begin: Begin, downloader: Downloader
) -> None:
    job = wanted(url, f"{kind}/a.bin")
    begin(job)
    new = site.write("a.bin", content(2), modified=LONG_AGO + 9)

    found = downloader.fetch(job)

    assert (found.resumed_from, found.sha256) == (0, new)


def test_a_file_that_is_emptied_and_then_published_again_is_downloaded_in_the_end(
    url: str, site: Site, begin: Begin, downloader: Downloader, root: Path
) -> None:
    new = hashlib.sha256(content(2)).hexdigest()
    job = wanted(url, "/a.bin", sha256=new)
    begin(job)
    site.write("a.bin", b"", modified=LONG_AGO + 9)
    with pytest.raises(TargetUnavailable):
        downloader.fetch(job)
    site.write("a.bin", content(2), modified=LONG_AGO + 18)

    assert downloader.fetch(job).sha256 == new
    assert own_files(root) == []


def test_what_is_only_there_compressed_is_decompressed(url: str, downloader: Downloader, root: Path) -> None:
    downloader.fetch(wanted(url, "/gzip/text.txt"))

    assert (root / "a.bin").read_bytes() == b"a line\n" * 1000


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/s403", Permanent),
        ("/s404", Permanent),
        ("/s410", Permanent),
        ("/s444", Transient),
        ("/s500", Transient),
        ("/s503", Transient),
        ("/s507", Transient),
        ("/patience", RateLimited),
        ("/loop/", Permanent),
        ("/out", Permanent),
        ("/dead", Transient),
    ],
)
def test_what_nginx_refuses_has_its_class(
    path: str, kind: type[ProviderError], url: str, downloader: Downloader
) -> None:
    with pytest.raises(ProviderError) as refused:
        downloader.fetch(wanted(url, path))

    assert type(refused.value) is kind
    assert path != "/patience" or refused.value.retry_after == timedelta(seconds=7)


def test_an_upstream_that_breaks_off_costs_only_more_requests(url: str, downloader: Downloader, root: Path) -> None:
    downloader.fetch(wanted(url, "/cut"))

    assert (root / "a.bin").read_bytes() == BODY


def test_over_tls_the_operators_authority_decides(site: Site, connect: Connect) -> None:
    with nginx(site.folder, site.files, site.tls) as port:
        job = DownloadFile(url=f"https://localhost:{port}/a.bin", destination="a.bin")
        with pytest.raises(TargetUnavailable, match="certificate"):
            connect().fetch(job)

        assert connect(ca_file=site.tls.authority).fetch(job).size_bytes == SIZE
