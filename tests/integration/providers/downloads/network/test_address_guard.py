"""The guard at work. `test_default_guard` tries the default settings, in a network namespace with a public address."""

from collections.abc import Callable, Sequence

import httpcore
import pytest

from leeward.extension.errors import Permanent
from leeward.jobs.download.file import DownloadFile
from providers.downloads.downloader import Downloader
from providers.http_client.address_guard import AddressGuard, AddressRefused
from simulators.files.server import FilesSimulator
from tests.integration.providers.downloads.on_disk import asked, last_headers

Wanted = Callable[..., DownloadFile]
Connect = Callable[..., Downloader]
SIZE = 100_000


class Names:
    """A resolver whose answers change from one question to the next, as an attacker's may."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self._answers = list(answers)
        self.asked: list[str] = []

    def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked.append(host)
        return self._answers.pop(0)


def _job(host: FilesSimulator, name: str = "files.test") -> DownloadFile:
    return DownloadFile(url=f"http://{name}:{host.port}/a.iso", destination="a.iso")


@pytest.mark.parametrize(
    "name", ["127.0.0.1", "localhost", "127.1", "2130706433", "0x7f.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0"]
)
def test_by_default_our_own_host_is_refused_however_it_is_written(
    host: FilesSimulator, connect: Connect, name: str
) -> None:
    with pytest.raises(Permanent, match="downloads do not go there"):
        connect(allow_private_addresses=False).fetch(_job(host, name))

    assert asked(host) == []


def test_a_name_that_leads_to_a_private_address_is_refused(host: FilesSimulator, connect: Connect) -> None:
    with pytest.raises(Permanent, match=r"files.test is at 127.0.0.1 \(loopback\)"):
        connect(allow_private_addresses=False, resolver=Names(["127.0.0.1"])).fetch(_job(host))

    assert asked(host) == []


@pytest.mark.parametrize("target", ["169.254.169.254", "[::ffff:169.254.169.254]", "[fe80::1]", "0.0.0.0"])
def test_metadata_addresses_are_refused_behind_a_redirect_even_where_private_ones_are_allowed(
    host: FilesSimulator, connect: Connect, wanted: Wanted, target: str
) -> None:
    host.publish("/a.iso", location=f"http://{target}/latest/meta-data/")

    with pytest.raises(Permanent, match="downloads do not go there"):
        connect().fetch(wanted())


def test_a_name_is_resolved_once_and_the_checked_address_is_the_one_that_is_connected_to(
    host: FilesSimulator, connect: Connect
) -> None:
    host.publish("/a.iso", size=SIZE)
    names = Names(["127.0.0.1"], ["169.254.169.254"])

    assert connect(resolver=names).fetch(_job(host)).size_bytes == SIZE
    assert names.asked == ["files.test"]


def test_a_name_that_changes_before_a_redirect_is_checked_again(host: FilesSimulator, connect: Connect) -> None:
    host.publish("/a.iso", location="/b.iso")
    names = Names(["127.0.0.1"], ["169.254.169.254"])

    with pytest.raises(Permanent, match="link-local"):
        connect(resolver=names).fetch(_job(host))

    assert names.asked == ["files.test", "files.test"]


def test_of_several_addresses_only_the_allowed_ones_are_tried(host: FilesSimulator, connect: Connect) -> None:
    host.publish("/a.iso", size=SIZE)
    names = Names(["169.254.169.254", "0.0.0.0", "127.0.0.1"])

    assert connect(resolver=names).fetch(_job(host)).size_bytes == SIZE


def test_the_next_address_is_tried_when_one_does_not_answer(host: FilesSimulator, connect: Connect) -> None:
    host.publish("/a.iso", size=SIZE)

    assert connect(resolver=Names(["::1", "127.0.0.1"])).fetch(_job(host)).size_bytes == SIZE


def test_the_host_is_still_called_by_its_name(host: FilesSimulator, connect: Connect) -> None:
    host.publish("/a.iso", size=SIZE)

    connect(resolver=Names(["127.0.0.1"])).fetch(_job(host))

    assert last_headers(host)["host"] == f"files.test:{host.port}"


def test_local_sockets_are_refused() -> None:
    with pytest.raises(AddressRefused):
        AddressGuard(allow_private=True).connect_unix_socket("/run/docker.sock")


def test_the_pool_cannot_get_around_the_guard() -> None:
    guard = AddressGuard(allow_private=False)

    with httpcore.ConnectionPool(network_backend=guard) as pool, pytest.raises(AddressRefused):
        pool.request("GET", "http://127.0.0.1:9/")
