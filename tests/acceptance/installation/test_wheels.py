"""`pip install leeward-fleet` from a folder of wheels, then `leeward up`: no checkout, Procfile or configuration is needed."""

import json
import subprocess
from pathlib import Path
from typing import Any

from tests.acceptance.environment import Environment
from tests.support.fleets.fleet_host import Host
from tests.support.processes import RunningProcess
from tests.support.waiting import wait_until

BOOT_SECONDS = 120.0
SETTINGS = {"LEEWARD_HTTP_PORT": "0", "LEEWARD_PROCESSES": "1", "LEEWARD_DRAIN": "5s", "LEEWARD_LOG_FORMAT": "json"}


def answer(installed: Environment, folder: Path, *arguments: str) -> Any:
    done = subprocess.run(
        [installed.leeward, *arguments, "--json"],
        cwd=folder,
        env={"PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)


def test_up_runs_servers_a_worker_and_a_scheduler_from_the_wheels_alone(installed: Environment, tmp_path: Path) -> None:
    process = RunningProcess([installed.leeward, "up"], log=tmp_path / "up.log", env=SETTINGS, cwd=tmp_path)
    host = Host(process)
    try:
        process.wait_for_output("Running.", timeout=BOOT_SECONDS)
        host.wait_until_ready()
        wait_until(
            lambda: "scheduler_started" in process.output,
            description="the scheduler's first line",
            timeout=BOOT_SECONDS,
        )

        checks = {one["name"]: one["verdict"] for one in answer(installed, tmp_path, "check")["checks"]}

        assert "problem" not in checks.values(), checks
        assert checks["migrations"] == "ok"
        assert process.terminate() == 0
    finally:
        process.clean_up()


def test_the_wheels_hold_nothing_of_the_demo_and_no_procfile(installed: Environment, tmp_path: Path) -> None:
    ask = "import importlib.metadata as m; print(*(str(file) for file in m.files('leeward-fleet')), sep='\\n')"
    done = subprocess.run(
        [installed.python, "-I", "-c", ask], cwd=tmp_path, capture_output=True, text=True, check=True, timeout=60
    )

    folders = {line.split("/")[0] for line in done.stdout.splitlines() if not line.startswith((".", "leeward_fleet-"))}
    assert folders == {"actors", "broker", "console", "leeward_admin", "middleware", "providers", "storage", "workers"}
    assert "Procfile" not in done.stdout
