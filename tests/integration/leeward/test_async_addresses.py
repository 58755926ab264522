"""What an address says of user, password, database and TLS, said by a client of an event loop."""

import asyncio
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import redis
import trustme

from leeward import AsyncLeeward, Leeward, SyncUser, Unavailable


def enqueue_at(url: str) -> str:
    async def run() -> str:
        async with AsyncLeeward(url) as fleet:
            return (await fleet.enqueue(SyncUser(user="alice"))).job_id

    return asyncio.run(run())


@pytest.fixture
def shop(valkey: "redis.Redis") -> Iterator[str]:
    valkey.acl_setuser("shop", enabled=True, passwords=["+s3cret"], keys=["*"], channels=["*"], categories=["+@all"])
    yield "shop"
    valkey.acl_deluser("shop")


@pytest.mark.parametrize("query", ["", "?protocol=2", "?client_name=till"])
def test_a_user_with_a_password(valkey_url: str, shop: str, query: str) -> None:
    parts = urlsplit(valkey_url)
    job = enqueue_at(f"redis://{shop}:s3cret@{parts.hostname}:{parts.port}{parts.path}{query}")

    with Leeward(valkey_url) as fleet:
        assert fleet.status(job).state == "ready"


def test_a_wrong_password_is_answered_with_what_to_correct(valkey_url: str, shop: str) -> None:
    parts = urlsplit(valkey_url)
    with pytest.raises(Unavailable, match="refuses the user or the password") as refused:
        enqueue_at(f"redis://{shop}:wr0ng@{parts.hostname}:{parts.port}/0")
    assert "wr0ng" not in str(refused.value)


@pytest.fixture
def behind_tls(valkey_url: str, tmp_path: Path) -> Iterator[tuple[int, Path]]:
    """The port of a server that speaks TLS and passes everything on, and the file of its authority."""
    authority, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    parts = urlsplit(valkey_url)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=_serve, args=(listener, context, (parts.hostname, parts.port)), daemon=True).start()
        yield listener.getsockname()[1], tmp_path / "ca.pem"


def _serve(listener: socket.socket, context: ssl.SSLContext, server: tuple[str, int]) -> None:
    with suppress(OSError):
        while True:
            plain, _ = listener.accept()
            with suppress(OSError):
                client, upstream = context.wrap_socket(plain, server_side=True), socket.create_connection(server)
                for pair in ((client, upstream), (upstream, client)):
                    threading.Thread(target=_pass_on, args=pair, daemon=True).start()


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError), source, target:
        while data := source.recv(65536):
            target.sendall(data)


def test_a_server_with_a_certificate_of_our_authority(behind_tls: tuple[int, Path], valkey_url: str) -> None:
    port, authority = behind_tls
    credentials, _, _ = urlsplit(valkey_url).netloc.rpartition("@")
    job = enqueue_at(f"rediss://{credentials}@localhost:{port}{urlsplit(valkey_url).path}?ssl_ca_certs={authority}")

    with Leeward(valkey_url) as fleet:
        assert fleet.status(job).state == "ready"


def test_a_server_with_another_certificate_is_refused(behind_tls: tuple[int, Path]) -> None:
    port, _ = behind_tls
    with pytest.raises(Unavailable, match="certificate verify failed"):
        enqueue_at(f"rediss://localhost:{port}/0")
