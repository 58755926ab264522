"""The flags that docker-compose.yml gives to Valkey, tried on a real one."""

from collections.abc import Callable
from pathlib import Path

import redis
import yaml

from leeward.embedded.free_port import LOOPBACK, free_port
from leeward.embedded.programs import valkey_program
from tests.support.processes import ROOT, RunningProcess
from tests.support.waiting import wait_until
from tests.unit.deploy.interpolation import interpolate


def test_the_flags_are_accepted_keep_jobs_and_ask_for_the_password(
    start_process: Callable[..., RunningProcess], tmp_path: Path
) -> None:
    service = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]["valkey"]
    program, *flags = [interpolate(word, {"VALKEY_PASSWORD": "chosen"}) for word in service["command"]]
    port = free_port()

    process = start_process([valkey_program(), *flags, "--bind", LOOPBACK, "--port", str(port), "--dir", str(tmp_path)])
    process.wait_for_output("Ready to accept connections")

    assert program == "valkey-server"
    with redis.Redis(host=LOOPBACK, port=port, password="chosen") as client:
        wait_until(client.ping, description="Valkey to answer")
        kept = client.config_get("appendonly", "appendfsync", "maxmemory-policy", "save")
    assert kept == {"appendonly": "yes", "appendfsync": "everysec", "maxmemory-policy": "noeviction", "save": ""}
