"""`leeward up` as a process of its own, with small programs in place of the workers."""

import os
import shlex
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from tests.support.processes import RunningProcess, is_alive
from tests.support.servers import connect_valkey
from tests.support.waiting import wait_until
from workers.embedded import EmbeddedPostgres, EmbeddedValkey
from workers.processes.addresses import Addresses, published, with_running_servers
from workers.processes.migrate import DatabaseUnreachable
from workers.processes.up import AlreadyUp, resolved, up
from workers.settings.settings import Settings

UP = """
import sys
from pathlib import Path
from workers.processes.migrate import DatabaseUnreachable
from workers.settings.settings import Settings
from workers.processes.up import up
up(Settings.from_environment(), procfile=Path(sys.argv[1]), on_running=lambda addresses: print("all running", flush=True))
"""
WORKER = """
import json, os, signal, sys
names = ("LEEWARD_VALKEY_URL", "LEEWARD_DATABASE_URL")
with open(sys.argv[1] + ".partial", "w") as file:
    json.dump({"pid": os.getpid()} | {name: os.environ[name] for name in names}, file)
os.replace(sys.argv[1] + ".partial", sys.argv[1])
signal.pause()
"""

StartUp = Callable[..., RunningProcess]


@pytest.fixture
def procfile(tmp_path: Path) -> Path:
    (tmp_path / "worker.py").write_text(WORKER)
    worker = shlex.join([sys.executable, str(tmp_path / "worker.py"), str(tmp_path / "worker.json")])
    file = tmp_path / "Procfile"
    file.write_text(f"worker: {worker}\n")
    return file


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    return tmp_path / "data dir"


@pytest.fixture
def start_up(start_process: Callable[..., RunningProcess], procfile: Path, data_dir: Path) -> StartUp:
    def start(**environment: str) -> RunningProcess:
        variables = {"LEEWARD_DATA_DIR": str(data_dir), "LEEWARD_DRAIN_SECONDS": "0", **environment}
        return start_process([sys.executable, "-c", UP, procfile], env=variables)

    return start


def addresses_in(data_dir: Path) -> Addresses:
    return wait_until(lambda: published(data_dir), description="`leeward up` to publish its addresses")


def wait_for_text(file: Path) -> str:
    wait_until(file.exists, description=f"{file.name} to be written")
    return file.read_text()


def server_pids(process: RunningProcess) -> list[int]:
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    return [
        int(pid) for pid in children if Path(f"/proc/{pid}/comm").read_text().strip() in {"valkey-server", "postgres"}
    ]


def test_up_starts_servers_migrates_and_hands_their_addresses_to_the_processes(
    start_up: StartUp, data_dir: Path, tmp_path: Path
) -> None:
    process = start_up()
    process.wait_for_output("all running")
    addresses = addresses_in(data_dir)

    environment = wait_for_text(tmp_path / "worker.json")

    assert addresses.valkey_url in environment
    assert addresses.database_url in environment
    with connect_valkey(addresses.valkey_url) as client:
        assert client.ping()
    with psycopg.connect(addresses.database_url) as connection:
        assert connection.execute("SELECT to_regclass('alembic_version') IS NOT NULL").fetchone() == (True,)
    pids = server_pids(process)
    assert len(pids) == 2

    assert process.terminate() == 0

    assert not any(is_alive(pid) for pid in pids)
    assert published(data_dir) is None


def test_a_second_up_on_the_same_folder_is_refused(start_up: StartUp, data_dir: Path) -> None:
    first = start_up()
    first.wait_for_output("all running")

    with pytest.raises(AlreadyUp, match="Stop it first, or set LEEWARD_DATA_DIR") as refused:
        up(Settings(data_dir=data_dir))

    assert refused.value.data_dir == data_dir
    assert first.returncode is None


def test_a_server_that_is_killed_comes_back_with_its_data_at_the_same_address(
    start_up: StartUp, data_dir: Path
) -> None:
    process = start_up()
    process.wait_for_output("all running")
    addresses = addresses_in(data_dir)
    with connect_valkey(addresses.valkey_url) as client:
        client.set("kept", "yes")
    with psycopg.connect(addresses.database_url) as connection:
        connection.execute("CREATE TABLE kept ()")

    for pid in server_pids(process):
        os.kill(pid, signal.SIGKILL)

    wait_until(lambda: process.output.count("process_restarting") == 2, description="both ends to be noticed")
    wait_until(lambda: len(server_pids(process)) == 2, description="both servers to run again")
    wait_until(lambda: process.output.count("process_started") == 5, description="both servers to be ready")
    with connect_valkey(addresses.valkey_url) as client:
        assert client.get("kept") == b"yes"
    with psycopg.connect(addresses.database_url) as connection:
        assert connection.execute("SELECT to_regclass('kept') IS NOT NULL").fetchone() == (True,)
    assert process.terminate() == 0


def test_a_killed_up_leaves_nothing_running_and_the_next_one_finds_the_data(start_up: StartUp, data_dir: Path) -> None:
    first = start_up()
    first.wait_for_output("all running")
    with connect_valkey(addresses_in(data_dir).valkey_url) as client:
        client.set("kept", "yes")
    pids = server_pids(first)

    first.kill()
    second = start_up()

    second.wait_for_output("all running")
    assert not any(is_alive(pid) for pid in pids)
    with connect_valkey(addresses_in(data_dir).valkey_url) as client:
        assert client.get("kept") == b"yes"


def test_configured_servers_are_used_and_none_is_started(
    start_up: StartUp, data_dir: Path, valkey_url: str, empty_database_url: str, tmp_path: Path
) -> None:
    process = start_up(LEEWARD_VALKEY_URL=valkey_url, LEEWARD_DATABASE_URL=empty_database_url)
    process.wait_for_output("all running")
    environment = wait_for_text(tmp_path / "worker.json")

    assert server_pids(process) == []
    assert published(data_dir) == Addresses(valkey_url=valkey_url, database_url=empty_database_url)
    assert valkey_url in environment
    with psycopg.connect(empty_database_url) as connection:
        assert connection.execute("SELECT to_regclass('alembic_version') IS NOT NULL").fetchone() == (True,)
    assert process.terminate() == 0


def test_a_database_that_does_not_answer_is_named_without_its_password(
    own_postgres: EmbeddedPostgres, own_valkey: EmbeddedValkey, data_dir: Path
) -> None:
    password = (own_postgres.directory / "password").read_text()
    settings = Settings.load(
        {
            "LEEWARD_VALKEY_URL": own_valkey.url,
            "LEEWARD_DATABASE_URL": own_postgres.url,
            "LEEWARD_DATA_DIR": str(data_dir),
        }
    )
    own_postgres.stop()

    with pytest.raises(DatabaseUnreachable, match="Check LEEWARD_DATABASE_URL") as unreachable:
        up(settings)

    assert password not in str(unreachable.value)
    assert str(own_postgres.port) in str(unreachable.value)


def test_commands_without_an_address_find_the_running_servers(start_up: StartUp, data_dir: Path) -> None:
    start_up().wait_for_output("all running")
    addresses = addresses_in(data_dir)

    found = with_running_servers(Settings(data_dir=data_dir))
    configured = with_running_servers(
        Settings.load({"LEEWARD_VALKEY_URL": "redis://elsewhere", "LEEWARD_DATA_DIR": str(data_dir)})
    )

    assert found.valkey_url is not None
    assert found.valkey_url.get_secret_value() == addresses.valkey_url
    assert found.database_url is not None
    assert found.database_url.get_secret_value() == addresses.database_url
    assert configured.valkey_url is not None
    assert configured.valkey_url.get_secret_value() == "redis://elsewhere"
    assert (data_dir / "addresses.json").stat().st_mode & 0o077 == 0


def test_a_folder_without_a_running_up_adds_nothing(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)

    assert with_running_servers(settings) == settings


def test_the_leeward_command_of_this_environment_is_used() -> None:
    assert resolved(("leeward", "worker")) == (str(Path(sys.executable).with_name("leeward")), "worker")
    assert resolved(("other", "leeward")) == ("other", "leeward")
