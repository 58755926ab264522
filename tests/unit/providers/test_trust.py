"""Whom a client trusts is decided by the platform and one setting, never by the environment."""

import ssl
from pathlib import Path

import pytest
import trustme

from providers.trust import CaFileInvalid, trust

AUTHORITY = trustme.CA()


@pytest.fixture
def ca_file(tmp_path: Path) -> Path:
    path = tmp_path / "authority.pem"
    AUTHORITY.cert_pem.write_to_path(str(path))
    return path


def handshake(context: ssl.SSLContext, name: str = "host.test") -> None:
    """Both ends of a TLS connection in memory. Raises what the client raises."""
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    AUTHORITY.issue_cert("host.test").configure_cert(serving)
    to_client, to_server = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = context.wrap_bio(to_client, to_server, server_hostname=name)
    server = serving.wrap_bio(to_server, to_client, server_side=True)
    for end in (client, server, client, server):
        try:
            end.do_handshake()
        except ssl.SSLWantReadError:
            continue


def test_a_certificate_of_the_file_is_trusted_and_names_are_still_checked(ca_file: Path) -> None:
    handshake(trust(ca_file))
    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(trust(ca_file), "other.test")
    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(trust())


def test_the_file_adds_to_the_platforms_authorities(ca_file: Path) -> None:
    assert trust(ca_file).verify_mode is ssl.CERT_REQUIRED
    assert trust(ca_file).cert_store_stats()["x509"] > trust().cert_store_stats()["x509"] > 1


def test_the_environment_decides_nothing(ca_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = trust().cert_store_stats()
    monkeypatch.setenv("SSL_CERT_FILE", str(ca_file))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))
    monkeypatch.setenv("SSLKEYLOGFILE", str(tmp_path / "keys"))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(ca_file))

    context = trust()

    assert context.cert_store_stats() == before
    assert getattr(context, "keylog_filename") is None  # noqa: B009 # typeshed: str, so that mypy would read no further
    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(context)
    assert not (tmp_path / "keys").exists()


def test_certifi_stands_in_where_the_platform_has_no_authorities(monkeypatch: pytest.MonkeyPatch) -> None:
    nowhere = ssl.DefaultVerifyPaths("", "", "", "/nowhere/cert.pem", "", "/nowhere/certs")
    monkeypatch.setattr(ssl, "get_default_verify_paths", lambda: nowhere)

    assert trust().cert_store_stats()["x509_ca"] > 50


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "cannot be read"),
        (b"", "holds no certificate"),
        (b"\xff\xfe\x00", "holds no certificate"),
        (b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "holds no certificate"),
        (b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "damaged"),
        (b"-----BEGIN CERTIFICATE-----\n", "damaged"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_with_the_reason(
    content: bytes | None, said: str, tmp_path: Path
) -> None:
    path = tmp_path / "ca.pem"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(CaFileInvalid, match=said):
        trust(path)


def test_a_folder_is_refused_with_the_reason(tmp_path: Path) -> None:
    with pytest.raises(CaFileInvalid, match="directory"):
        trust(tmp_path)
