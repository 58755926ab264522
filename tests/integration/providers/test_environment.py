"""No client takes a proxy, credentials or certificates from the environment; each takes the proxy of its own setting."""

import base64
import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme
from pydantic import SecretStr

from leeward.extension.errors import Misconfigured, Permanent, ProviderError, Transient
from leeward.jobs.download.file import DownloadFile
from leeward.jobs.sync.user import UserState
from providers.downloads.config import DownloadConfig
from providers.downloads.downloader import Downloader
from providers.http_client.proxy import ProxyAddress, proxy_address
from providers.jellyfin.config import JellyfinConfig
from providers.jellyfin.user_directory import UserDirectory
from simulators.files.server import FilesSimulator
from simulators.jellyfin.server import JellyfinSimulator
from tests.support.fleets.raw_host import RawHost, raw_host, read_request

VARIABLES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy")


class Proxy:
    """Notes every request, and gives each the same answer."""

    def __init__(self, said: bytes) -> None:
        self.said = said
        self.requests: list[str] = []

    def talk(self, connection: socket.socket) -> None:
        if head := read_request(connection):
            self.requests.append(head.decode("latin-1"))
            connection.sendall(self.said)


@pytest.fixture
def proxy() -> Iterator[tuple[Proxy, RawHost]]:
    proxy = Proxy(
        b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n[]"
    )
    with raw_host(proxy.talk) as host:
        yield proxy, host


def downloader(root: Path, proxy: ProxyAddress | None = None, *, allow_private: bool = True) -> Downloader:
    return Downloader(DownloadConfig(root=root, allow_private_addresses=allow_private, proxy=proxy))


@pytest.mark.parametrize("scheme", ["http", "socks5", "socks5h", "nonsense"])
def test_proxies_and_netrc_of_the_environment_are_not_read(
    scheme: str, proxy: tuple[Proxy, RawHost], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen, trap = proxy
    for name in VARIABLES:
        monkeypatch.setenv(name, f"{scheme}://127.0.0.1:{trap.port}")
    (tmp_path / ".netrc").write_text("default login somebody password hunter2\n")
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    monkeypatch.setenv("HOME", str(tmp_path))
    root = tmp_path / "downloads"
    root.mkdir()

    with JellyfinSimulator() as jellyfin, FilesSimulator() as files:
        files.publish("/a", size=10)
        config = JellyfinConfig(url=jellyfin.url, token=SecretStr(jellyfin.settings.token))
        with UserDirectory(config) as users:
            assert users.health().ok
            assert users.ensure_user("alice", UserState.ENABLED)["changes"] == ["created"]
        assert downloader(root).health().ok
        assert downloader(root).fetch(DownloadFile(url=f"{files.url}/a", destination="a")).size_bytes == 10
        assert "authorization" not in files.record.entries("request")[0]["headers"]

    assert seen.requests == []


def test_jellyfin_is_asked_through_the_proxy_of_its_setting_for_jobs_and_health_alike(
    proxy: tuple[Proxy, RawHost],
) -> None:
    seen, host = proxy
    through = proxy_address(f"http://fleet:hunter2@127.0.0.1:{host.port}")
    config = JellyfinConfig(url="http://media.test/jellyfin", token=SecretStr("k"), proxy=through)

    with UserDirectory(config) as users:
        users.health()
        assert users.ensure_user("alice", UserState.DISABLED)["user_id"] is None

    lines = [request.partition("\r\n")[0] for request in seen.requests]
    assert lines == [
        "GET http://media.test/jellyfin/health HTTP/1.1",
        "GET http://media.test/jellyfin/Users HTTP/1.1",
    ]
    assert all(base64.b64encode(b"fleet:hunter2").decode() in request for request in seen.requests)


def test_downloads_go_through_the_proxy_of_their_setting(proxy: tuple[Proxy, RawHost], tmp_path: Path) -> None:
    seen, host = proxy
    through = proxy_address(f"http://127.0.0.1:{host.port}")

    found = downloader(tmp_path, through).fetch(DownloadFile(url="http://files.test/a", destination="a"))

    assert found.size_bytes == 2
    assert seen.requests[0].startswith("GET http://files.test/a HTTP/1.1\r\n")


@pytest.mark.parametrize(
    "name", ["127.0.0.1", "localhost", "a.localhost", "2130706433", "0x7f.1", "[::1]", "169.254.169.254"]
)
def test_a_proxy_is_no_way_to_addresses_that_are_refused(
    name: str, proxy: tuple[Proxy, RawHost], tmp_path: Path
) -> None:
    seen, host = proxy
    through = proxy_address(f"http://127.0.0.1:{host.port}")

    with pytest.raises(Permanent, match="downloads do not go there"):
        downloader(tmp_path, through, allow_private=False).fetch(DownloadFile(url=f"http://{name}/a", destination="a"))

    assert seen.requests == []


@pytest.mark.parametrize(
    ("answer", "jellyfin", "download"),
    [
        ("407 Proxy Authentication Required", Misconfigured, Misconfigured),
        ("403 Forbidden", Misconfigured, Permanent),
        ("502 Bad Gateway", Transient, Transient),
        ("503 Service Unavailable", Transient, Transient),
    ],
)
def test_what_a_proxy_says_to_a_connection_is_classified(
    answer: str, jellyfin: type[ProviderError], download: type[ProviderError], tmp_path: Path
) -> None:
    proxy = Proxy(f"HTTP/1.1 {answer}\r\nContent-Length: 0\r\n\r\n".encode())
    with raw_host(proxy.talk) as host:
        through = proxy_address(f"http://127.0.0.1:{host.port}")
        config = JellyfinConfig(url="https://media.test", token=SecretStr("secret-key"), proxy=through)
        with UserDirectory(config) as users, pytest.raises(ProviderError) as refused:
            users.ensure_user("alice", UserState.DISABLED)
        with pytest.raises(ProviderError) as refused_file:
            downloader(tmp_path, through).fetch(DownloadFile(url="https://files.test/a", destination="a"))

    assert type(refused.value) is jellyfin
    assert type(refused_file.value) is download
    assert [request.partition("\r\n")[0] for request in proxy.requests] == [
        "CONNECT media.test:443 HTTP/1.1",
        "CONNECT files.test:443 HTTP/1.1",
    ]
    assert "secret-key" not in proxy.requests[0]


def test_a_proxy_that_is_away_is_an_outage(tmp_path: Path) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))  # bound but not listening: refuses
        through = proxy_address(f"http://127.0.0.1:{closed.getsockname()[1]}")
        with pytest.raises(Transient) as away:
            downloader(tmp_path, through).fetch(DownloadFile(url="http://files.test/a", destination="a"))

        health = downloader(tmp_path, through).health()

    assert away.value.unreachable
    assert not health.ok
    assert "proxy" in health.detail


class Tunnel:
    """A proxy that makes the connections it is asked for, all of them to one port of this machine."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.requests: list[str] = []

    def talk(self, connection: socket.socket) -> None:
        self.requests.append(read_request(connection).decode().partition("\r\n")[0])
        with socket.create_connection(("127.0.0.1", self._port)) as server:
            connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            back = threading.Thread(target=_pump, args=(server, connection), daemon=True)
            back.start()
            _pump(connection, server)
            back.join()


def _pump(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while received := source.recv(65536):
            target.sendall(received)
        target.shutdown(socket.SHUT_WR)


def test_tls_goes_through_a_tunnel_and_its_certificate_is_still_checked(tmp_path: Path) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("files.test").configure_cert(context)
    with FilesSimulator(tls=context) as files:
        files.publish("/a", size=100_000)
        tunnel = Tunnel(files.port)
        with raw_host(tunnel.talk) as host:
            through = proxy_address(f"http://127.0.0.1:{host.port}")
            trusting = Downloader(DownloadConfig(root=tmp_path, proxy=through, ca_file=tmp_path / "ca.pem"))

            found = trusting.fetch(DownloadFile(url="https://files.test/a", destination="a"))
            with pytest.raises(Permanent, match="for another host"):
                trusting.fetch(DownloadFile(url="https://other.test/a", destination="b"))

    assert found.size_bytes == 100_000
    assert tunnel.requests == ["CONNECT files.test:443 HTTP/1.1", "CONNECT other.test:443 HTTP/1.1"]
