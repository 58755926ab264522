"""What a server's answer means for the connection that it came by: a server that takes no writes is left, any other is kept."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest
import redis
from hypothesis import given, settings
from hypothesis import strategies as st

from leeward.errors import Unavailable
from leeward.wire.valkey.connection import connect
from leeward.wire.valkey.reconnect import ATTEMPTS, persistently
from leeward.wire.valkey.thread_connection import ask
from tests.support.examples import examples

LEAVE = {
    "READONLY You can't write against a read only replica.",
    "READONLY You can't write against a read only replica. script: 5b1e, on @user_script:1.",
    "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
    "LOADING Valkey is loading the dataset in memory",
    "UNBLOCKED force unblock from blocking operation, instance state changed (master -> replica?)",
    "NOREPLICAS Not enough good replicas to write.",
    "MISCONF Valkey is configured to save RDB snapshots, but it's currently unable to persist to disk.",
    "CLUSTERDOWN The cluster is down",
    "MOVED 3999 127.0.0.1:6381",
    "NOAUTH Authentication required.",
}
STAY = {
    "ERR syntax error",
    "WRONGTYPE Operation against a key holding the wrong kind of value",
    "OOM command not allowed when used memory > 'maxmemory'.",
    "NOPERM this user has no permissions to run the 'set' command",
    "BUSY Valkey is busy running a script.",
    "NOSCRIPT No matching script.",
    "BUSYKEY Target key name already exists.",
    "ERR READONLY is only a word here",
}


class Refusing:
    """A server that refuses every command of a connection with the text that stands when it comes, and counts connections."""

    def __init__(self) -> None:
        self.answer = ""
        self.connections = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"redis://127.0.0.1:{self._listener.getsockname()[1]}/0"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                self.connections += 1
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, suppress(OSError), client.makefile("rb") as lines:
            while head := lines.readline():
                parts = [lines.read(int(lines.readline()[1:]) + 2)[:-2] for _ in range(int(head[1:]))]
                client.sendall(self._reply(parts[0]).encode())

    def _reply(self, command: bytes) -> str:
        if command == b"HELLO":
            return "%2\r\n$5\r\nproto\r\n:3\r\n$4\r\nrole\r\n$6\r\nmaster\r\n"
        return f"-{self.answer}\r\n" if self.answer and command != b"CLIENT" else "+OK\r\n"


@pytest.fixture(scope="module")
def server() -> Iterator[Refusing]:
    server = Refusing()
    yield server
    server.close()


def by_the_pool(client: redis.Redis) -> None:
    client.set("leeward:x", "1")


def by_a_line(client: redis.Redis) -> None:
    ask(client, "EVALSHA", "x", 1, "leeward:{x}:")


@pytest.mark.parametrize("way", [by_the_pool, by_a_line])
@settings(max_examples=examples(60))
@given(answers=st.lists(st.sampled_from(sorted(LEAVE | STAY)), min_size=1, max_size=6))
def test_a_connection_is_left_exactly_when_its_server_takes_no_writes(
    server: Refusing, way: Callable[["redis.Redis"], None], answers: list[str]
) -> None:
    server.answer = ""
    with connect(server.url) as client:
        way(client)
        before = server.connections
        for answer in answers:
            server.answer = answer
            with pytest.raises(redis.RedisError):
                way(client)
        server.answer = ""
        way(client)

        assert server.connections - before == sum(answer in LEAVE for answer in answers)
        client.connection_pool.disconnect()


@pytest.mark.parametrize("answer", sorted(LEAVE))
def test_who_asks_persistently_asks_the_next_server(server: Refusing, answer: str) -> None:
    server.answer = answer
    pauses: list[float] = []

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        server.answer = "" if len(pauses) == 2 else answer

    with connect(server.url) as client:
        persistently(lambda _: by_the_pool(client), pause=pause)

    assert len(pauses) == 2


@pytest.mark.parametrize("answer", [min(LEAVE), min(STAY)])
def test_who_asks_persistently_gives_up_in_the_end(server: Refusing, answer: str) -> None:
    server.answer = answer
    pauses: list[float] = []
    with connect(server.url) as client, pytest.raises(Unavailable, match=answer.rsplit(maxsplit=1)[-1]):
        persistently(lambda _: by_the_pool(client), pause=pauses.append)

    assert len(pauses) == (ATTEMPTS - 1 if answer in LEAVE else 0)
