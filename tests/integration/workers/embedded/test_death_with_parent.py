"""Whoever started the servers may be killed: they end in good order, and the next start finds their data."""

import signal
import sys
from collections.abc import Callable
from pathlib import Path

import psycopg

from tests.support.processes import RunningProcess, is_alive
from tests.support.servers import FAST_POSTGRES, connect_valkey
from tests.support.waiting import wait_until
from workers.embedded import EmbeddedPostgres, EmbeddedValkey

PARENT = """
import signal, sys
from pathlib import Path
import psycopg
from workers.embedded import EmbeddedPostgres, EmbeddedValkey
folder = Path(sys.argv[1])
valkey, postgres = EmbeddedValkey(folder / "valkey"), EmbeddedPostgres(folder / "postgres")
valkey.start()
postgres.start()
with psycopg.connect(postgres.url) as connection:
    connection.execute("CREATE TABLE kept (number int)")
print("running", valkey.pid, postgres.pid, valkey.url, flush=True)
signal.pause()
"""


def test_both_servers_end_when_their_parent_is_killed_and_start_again(
    start_process: Callable[..., RunningProcess], tmp_path: Path
) -> None:
    parent = start_process([sys.executable, "-c", PARENT, tmp_path])
    _, valkey_pid, postgres_pid, url = parent.wait_for_output("running").split()
    with connect_valkey(url) as client:
        client.set("kept", "yes")

    parent.kill()

    servers = {int(valkey_pid), int(postgres_pid)}
    wait_until(lambda: not any(map(is_alive, servers)), description=f"{servers} to end with their parent")
    assert "database system is shut down" in (tmp_path / "postgres" / "postgres.log").read_text()
    valkey, postgres = (
        EmbeddedValkey(tmp_path / "valkey"),
        EmbeddedPostgres(tmp_path / "postgres", options=FAST_POSTGRES),
    )
    valkey.start()
    postgres.start()
    try:
        with connect_valkey(valkey.url) as client:
            assert client.get("kept") == b"yes"
        with psycopg.connect(postgres.url) as connection:
            assert connection.execute("SELECT count(*) FROM kept").fetchone() == (0,)
    finally:
        postgres.stop()
        valkey.stop()


def test_an_interrupt_at_the_terminal_is_for_the_parent_alone(
    start_process: Callable[..., RunningProcess], tmp_path: Path
) -> None:
    """A Ctrl-C goes to the whole foreground group; workers still need the servers while they drain."""
    parent = start_process([sys.executable, "-c", PARENT, tmp_path])
    _, valkey_pid, postgres_pid, _ = parent.wait_for_output("running").split()

    groups = {
        int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[2]) for pid in (valkey_pid, postgres_pid)
    }

    assert parent.pid not in groups
    parent.send(signal.SIGINT)
