"""The embedded Valkey keeps what it answered, and lets nobody else in."""

import os
import signal
import stat
from pathlib import Path

import pytest
import redis

from leeward.embedded.free_port import free_port
from tests.support.servers import connect_valkey
from workers.embedded import EmbeddedValkey, ServerDidNotStart


def test_data_port_and_password_survive_a_kill(own_valkey: EmbeddedValkey) -> None:
    url = own_valkey.url
    with connect_valkey(url) as client:
        client.set("kept", "yes")
    own_valkey.kill()
    with pytest.raises(redis.ConnectionError), connect_valkey(url) as client:
        client.ping()

    own_valkey.start()

    assert own_valkey.url == url
    with connect_valkey(url) as client:
        assert client.get("kept") == b"yes"


def test_a_restart_keeps_data_and_address(own_valkey: EmbeddedValkey) -> None:
    url, first = own_valkey.url, own_valkey.pid
    with connect_valkey(url) as client:
        client.set("kept", "yes")

    own_valkey.restart()

    assert own_valkey.url == url
    assert own_valkey.pid not in {None, first}
    with connect_valkey(url) as client:
        assert client.get("kept") == b"yes"


def test_a_client_without_the_password_is_refused(valkey_server: EmbeddedValkey) -> None:
    with (
        connect_valkey(f"redis://127.0.0.1:{valkey_server.port}/0") as client,
        pytest.raises(redis.AuthenticationError),
    ):
        client.get("anything")


def test_the_password_is_in_no_command_line(valkey_server: EmbeddedValkey) -> None:
    password = (valkey_server.directory / "password").read_text()

    command = Path(f"/proc/{valkey_server.pid}/cmdline").read_bytes().decode()

    assert password not in command
    assert stat.S_IMODE((valkey_server.directory / "password").stat().st_mode) == 0o600
    assert stat.S_IMODE((valkey_server.directory / "valkey.conf").stat().st_mode) == 0o600


def test_writes_are_appended_and_nothing_is_evicted(valkey: "redis.Redis") -> None:
    expected = {"appendonly": "yes", "appendfsync": "everysec", "maxmemory-policy": "noeviction", "save": ""}

    assert valkey.config_get(*expected) == expected


def test_a_port_that_is_taken_is_reported_with_the_servers_log(valkey_server: EmbeddedValkey, tmp_path: Path) -> None:
    intruder = EmbeddedValkey(tmp_path / "other", port=valkey_server.port)

    with pytest.raises(ServerDidNotStart, match="in use"):
        intruder.start()


def test_a_given_port_is_used(tmp_path: Path) -> None:
    port = free_port()
    server = EmbeddedValkey(tmp_path / "given", port=port)
    server.start()
    try:
        with connect_valkey(server.url) as client:
            assert client.ping()
        assert f":{port}/" in server.url
    finally:
        server.kill()


def test_a_server_that_was_stopped_has_no_process_and_can_be_stopped_again(own_valkey: EmbeddedValkey) -> None:
    pid = own_valkey.pid
    assert pid is not None

    own_valkey.stop()
    own_valkey.stop()

    assert own_valkey.pid is None
    with pytest.raises(ProcessLookupError):
        os.kill(pid, signal.SIGCONT)
