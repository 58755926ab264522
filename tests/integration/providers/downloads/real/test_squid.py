"""Squid as the operator's proxy: plain requests, tunnels, refusals and credentials."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest

from leeward.extension.errors import Misconfigured, Permanent, ProviderError, Transient
from leeward.jobs.download.file import DownloadFile
from providers.downloads.downloader import Downloader
from providers.http_client.proxy import proxy_address
from tests.integration.providers.downloads.real.conftest import Site, content
from tests.support.real_servers.web import nginx, squid

Through = Callable[..., AbstractContextManager[Downloader]]


@pytest.fixture
def through(site: Site, connect: Callable[..., Downloader]) -> Through:
    """Makes downloaders that go through a Squid with these rules."""

    @contextmanager
    def make(rules: str = "http_access allow all", credentials: str = "") -> Iterator[Downloader]:
        with squid(site.folder, rules=rules) as port:
            proxy = proxy_address(f"http://{credentials}127.0.0.1:{port}")
            yield connect(proxy=proxy, ca_file=site.tls.authority)

    return make


@pytest.mark.parametrize("is_secure", [False, True], ids=["a plain request", "a tunnel"])
def test_files_come_through_the_proxy(is_secure: bool, site: Site, through: Through) -> None:
    with nginx(site.folder, site.files, site.tls if is_secure else None) as port, through() as downloader:
        url = f"{'https' if is_secure else 'http'}://localhost:{port}/a.bin"

        found = downloader.fetch(DownloadFile(url=url, destination="a.bin"))

    assert found.sha256 == hashlib.sha256(content(1)).hexdigest()
    assert f"localhost:{port}" in (site.folder / "squid-access.log").read_text()


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize(
    ("rules", "host", "kind"),
    [
        ("http_access deny all", "files.example.test", Permanent),
        ("http_access allow all", "no-such-host.invalid", Transient),
        ("http_access allow all", "127.0.0.1:1", Transient),
    ],
    ids=["denied", "no such name", "nothing listens"],
)
def test_what_the_proxy_refuses_or_cannot_reach_has_its_class(
    scheme: str, rules: str, host: str, kind: type[ProviderError], through: Through
) -> None:
    with through(rules) as downloader, pytest.raises(ProviderError) as refused:
        downloader.fetch(DownloadFile(url=f"{scheme}://{host}/a.bin", destination="a.bin"))

    assert type(refused.value) is kind


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_the_proxys_credentials_are_the_operators_business(scheme: str, site: Site, through: Through) -> None:
    helper = site.folder / "helper"
    helper.write_text('#!/bin/sh\nwhile read -r said; do [ "$said" = "fleet secret" ] && echo OK || echo ERR; done\n')
    helper.chmod(0o755)
    rules = (
        f"auth_param basic program {helper}\nauth_param basic realm leeward\nauth_param basic children 1 startup=1\n"
        "acl known proxy_auth REQUIRED\nhttp_access allow known\nhttp_access deny all"
    )
    is_secure = scheme == "https"
    with nginx(site.folder, site.files, site.tls if is_secure else None) as port:
        job = DownloadFile(url=f"{scheme}://localhost:{port}/a.bin", destination="a.bin")
        for credentials in ("", "fleet:wrong@"):
            with through(rules, credentials) as downloader, pytest.raises(Misconfigured, match="PROXY"):
                downloader.fetch(job)

        with through(rules, "fleet:secret@") as downloader:
            assert downloader.fetch(job).sha256 == hashlib.sha256(content(1)).hexdigest()
