import socket
import threading
from typing import Any

import pytest

from providers.http_client.resolution import resolve_within


def test_an_answer_that_comes_in_time_is_given() -> None:
    assert resolve_within(lambda host, port: [host, str(port)], "files.test", 80, 5) == ["files.test", "80"]


def test_a_resolver_that_hangs_is_not_waited_for() -> None:
    returns = threading.Event()

    def hangs(_host: str, _port: int) -> list[str]:
        returns.wait(60)
        return []

    with pytest.raises(TimeoutError):
        resolve_within(hangs, "files.test", 80, 0.05)

    returns.set()


def test_a_failure_of_the_resolver_is_raised_where_its_answer_is_awaited() -> None:
    def fails(_host: str, _port: int) -> list[str]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    with pytest.raises(socket.gaierror):
        resolve_within(fails, "files.test", 80, 5)


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "fe80::1%eth0"])
def test_a_literal_address_needs_no_thread(host: str) -> None:
    asked: list[threading.Thread] = []

    def resolve_here(_host: str, _port: int) -> list[Any]:
        asked.append(threading.current_thread())
        return []

    resolve_within(resolve_here, host, 80, 5)

    assert asked == [threading.current_thread()]
