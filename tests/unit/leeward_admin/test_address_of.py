"""The address of a server, for scripts: the configured one, else that of a running `leeward up`."""

import os
from pathlib import Path

import pytest

from leeward.embedded.directory_lock import lock_directory
from leeward_admin import AddressMissing, Settings, address_of
from workers.processes.addresses import Addresses, publish

RUNNING = Addresses(valkey_url="redis://:p@127.0.0.1:1/0", database_url="postgresql://u:p@127.0.0.1:2/d")


def test_the_servers_of_a_running_up_are_found_while_it_runs(tmp_path: Path) -> None:
    settings = Settings.load({"LEEWARD_DATA_DIR": str(tmp_path)})
    publish(RUNNING, tmp_path)
    lock = lock_directory(tmp_path)

    assert address_of(settings, "valkey") == RUNNING.valkey_url
    assert address_of(settings, "postgresql") == RUNNING.database_url
    os.close(lock)
    with pytest.raises(AddressMissing, match="no Valkey is configured"):
        address_of(settings, "valkey")


def test_what_is_configured_comes_first(tmp_path: Path) -> None:
    publish(RUNNING, tmp_path)
    lock = lock_directory(tmp_path)
    settings = Settings.load({"LEEWARD_DATA_DIR": str(tmp_path), "LEEWARD_VALKEY_URL": "redis://valkey.example:6379/1"})

    assert address_of(settings, "valkey") == "redis://valkey.example:6379/1"
    os.close(lock)
