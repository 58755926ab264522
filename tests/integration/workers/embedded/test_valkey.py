"""The embedded Valkey keeps what it answered."""

import stat

import pytest
import redis

from tests.support.servers import connect_valkey
from workers.embedded import EmbeddedValkey
from workers.embedded.directory_lock import DirectoryInUse


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
