import ssl
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import trustme

from leeward.extension.errors import Permanent, TargetUnavailable
from leeward.jobs.download.file import DownloadFile
from providers.downloads.downloader import Downloader
from simulators.files.server import FilesSimulator

Connect = Callable[..., Downloader]
SIZE = 100_000


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def ca_file(authority: trustme.CA, tmp_path: Path) -> Path:
    path = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(str(path))
    return path


@pytest.fixture
def secure_host(authority: trustme.CA) -> Iterator[FilesSimulator]:
    """Has a certificate for files.test."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("files.test").configure_cert(context)
    with FilesSimulator(tls=context) as simulator:
        simulator.publish("/a.iso", size=SIZE)
        yield simulator


def _job(host: FilesSimulator, name: str = "files.test") -> DownloadFile:
    return DownloadFile(url=f"https://{name}:{host.port}/a.iso", destination="a.iso")


def _loopback(host: str, port: int) -> list[str]:
    return ["127.0.0.1"]


def test_a_certificate_is_checked_against_the_name_and_not_the_address(
    secure_host: FilesSimulator, connect: Connect, ca_file: Path
) -> None:
    downloader = connect(resolver=_loopback, ca_file=ca_file)

    assert downloader.fetch(_job(secure_host)).size_bytes == SIZE


def test_an_unknown_authority_is_about_this_host_alone(secure_host: FilesSimulator, connect: Connect) -> None:
    with pytest.raises(TargetUnavailable, match=r"not trusted.*LEEWARD_DOWNLOAD_CA_FILE"):
        connect(resolver=_loopback).fetch(_job(secure_host))


def test_a_certificate_for_another_host_is_final(secure_host: FilesSimulator, connect: Connect, ca_file: Path) -> None:
    with pytest.raises(Permanent, match="for another host"):
        connect(resolver=_loopback, ca_file=ca_file).fetch(_job(secure_host, "other.test"))


def test_https_to_a_port_without_tls_is_final(host: FilesSimulator, connect: Connect) -> None:
    with pytest.raises(Permanent, match="no TLS connection is possible"):
        connect(resolver=_loopback).fetch(_job(host))


def test_a_redirect_away_from_tls_needs_a_checksum(
    secure_host: FilesSimulator, host: FilesSimulator, connect: Connect, ca_file: Path
) -> None:
    file = host.publish("/b.iso", size=SIZE)
    secure_host.publish("/a.iso", location=f"{host.url}/b.iso")
    downloader = connect(resolver=_loopback, ca_file=ca_file)
    job = _job(secure_host)

    with pytest.raises(Permanent, match="sha256"):
        downloader.fetch(job)

    assert downloader.fetch(job.model_copy(update={"sha256": file.sha256()})).size_bytes == SIZE
