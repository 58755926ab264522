import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from leeward.jobs.download.file import DownloadFile
from providers.downloads.config import MIB, DownloadConfig
from providers.downloads.downloader import Downloader
from providers.http_client.resolution import resolve
from simulators.files.server import FilesSimulator


@pytest.fixture
def host() -> Iterator[FilesSimulator]:
    """A simulated host of files on a port of its own."""
    with FilesSimulator() as simulator:
        yield simulator


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The download folder."""
    folder = tmp_path / "downloads"
    folder.mkdir()
    return folder


@pytest.fixture
def connect(root: Path) -> Callable[..., Downloader]:
    """Makes downloaders into the folder; options change their configuration. The simulators are on loopback."""

    def make(*, resolver: Any = resolve, clock: Any = None, **options: Any) -> Downloader:
        values: dict[str, Any] = {"root": root, "allow_private_addresses": True, "resume_at_once_bytes": MIB}
        config = DownloadConfig(**values | options)
        more = {} if clock is None else {"clock": clock}
        return Downloader(config, resolver=resolver, **more)

    return make


@pytest.fixture
def downloader(connect: Callable[..., Downloader]) -> Downloader:
    return connect()


@pytest.fixture
def raw_host() -> Iterator[Callable[[bytes], str]]:
    """Makes hosts that answer one request with these very bytes; returns their URLs."""
    with ExitStack() as stack:

        def answer(server: socket.socket, said: bytes) -> None:
            with server.accept()[0] as connection:
                connection.recv(65536)
                connection.sendall(said)

        def make(said: bytes) -> str:
            server = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
            thread = threading.Thread(target=answer, args=(server, said))
            thread.start()
            stack.callback(thread.join)
            return f"http://127.0.0.1:{server.getsockname()[1]}"

        yield make


@pytest.fixture
def wanted(host: FilesSimulator) -> Callable[..., DownloadFile]:
    """Makes jobs for a path of the simulated host."""

    def make(path: str = "/a.iso", destination: str = "a.iso", **fields: Any) -> DownloadFile:
        return DownloadFile(url=host.url + path, destination=destination, **fields)

    return make
