"""The `leeward` wheel, built and installed alone in an empty environment, is all that a producer needs."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import redis

ROOT = Path(__file__).resolve().parents[2]
PRODUCER = """
import importlib.metadata, importlib.util, json, sys
from datetime import timedelta
from leeward import Leeward, Priority, Request, SendEmail, SyncUser, outbox
from leeward.errors import Invalid

with Leeward(sys.argv[1]) as fleet:
    one = fleet.enqueue(SyncUser(user="alice"), idempotency_key="k", priority=Priority.INTERACTIVE)
    again = fleet.enqueue(SyncUser(user="alice"), idempotency_key="k")
    many = fleet.enqueue_many(Request(SyncUser(user=f"user-{n}"), delay=timedelta(hours=1)) for n in range(300))
    mail = fleet.enqueue(SendEmail(to=("a@example.org",), subject="Hi", text="Hello"))
    cancelled = fleet.cancel(mail.job_id)
    state = fleet.status(one.job_id).state

try:
    outbox.add(object(), SyncUser(user="alice"))
    refused = ""
except Invalid as error:  # the extra is not installed: nothing of it was needed to say so
    refused = str(error)

fleet_parts = "actors broker console leeward_admin middleware providers storage workers orjson sqlalchemy".split()
print(json.dumps({
    "one": one.job_id, "same": again.job_id == one.job_id and again.duplicate, "many": len(many),
    "refused": refused, "tables": len(outbox.UPGRADE), "cancelled": cancelled, "state": state,
    "installed": sorted(d.metadata["Name"].lower() for d in importlib.metadata.distributions()),
    "parts_of_the_fleet": [name for name in fleet_parts if importlib.util.find_spec(name)],
    "from": importlib.util.find_spec("leeward").origin,
}))
"""


def run(*command: str | Path, cwd: Path) -> str:
    # uv by itself knows no certificates but its own: a registry behind a company's is then out of reach.
    trusting = {**os.environ, "UV_SYSTEM_CERTS": "true"}
    done = subprocess.run(command, cwd=cwd, env=trusting, capture_output=True, text=True, check=False, timeout=100)
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of an environment with the wheel, what the lock says it needs, and nothing else."""
    folder = tmp_path_factory.mktemp("producer of another service")
    uv = Path(sys.executable).with_name("uv")
    # A copy: building must leave nothing in the tree.
    shutil.copytree(ROOT / "schemas", folder / "schemas")
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder / "dist", cwd=folder / "schemas")
    (wheel,) = (folder / "dist").glob("leeward-*.whl")
    run(uv, "venv", "--python", sys.executable, folder / "venv", cwd=folder)
    python = folder / "venv" / "bin" / "python"
    install: list[str | Path] = [uv, "pip", "install", "--python", python]
    run(*install, "--require-hashes", "-r", ROOT / "requirements" / "producer.txt", cwd=folder)
    run(*install, "--no-deps", wheel, cwd=folder)
    run(uv, "pip", "check", "--python", python, cwd=folder)
    return python


def test_the_wheel_alone_enqueues_asks_and_cancels(
    python: Path, valkey_url: str, valkey: "redis.Redis", tmp_path: Path
) -> None:
    said = json.loads(run(python, "-I", "-c", PRODUCER, valkey_url, cwd=tmp_path))

    assert said["same"]
    assert (said["many"], said["cancelled"], said["state"]) == (300, "cancelled", "ready")
    assert valkey.lrange("leeward:{jellyfin}:ready:sync.jellyfin:interactive", 0, -1) == [said["one"].encode()]
    assert valkey.zcard("leeward:{jellyfin}:scheduled") == 300


def test_the_environment_has_nothing_of_the_fleet(python: Path, valkey_url: str, tmp_path: Path) -> None:
    said = json.loads(run(python, "-I", "-c", PRODUCER, valkey_url, cwd=tmp_path))

    assert said["parts_of_the_fleet"] == []
    assert "writes with a Session or a Connection of SQLAlchemy" in said["refused"]
    assert said["tables"] > 0
    assert {"leeward", "pydantic", "dramatiq", "redis"} <= set(said["installed"])
    assert str(python.parents[1]) in said["from"]


def test_the_wheel_asks_for_three_libraries_only(python: Path, tmp_path: Path) -> None:
    ask = "import importlib.metadata as m; print(*m.requires('leeward'), sep='\\n')"

    wanted = run(python, "-I", "-c", ask, cwd=tmp_path).split("\n")

    names = {re.split("[<>=]", line)[0].strip() for line in wanted if line and "extra ==" not in line}
    assert names == {"pydantic", "dramatiq", "redis"}


def test_the_wheel_is_typed_and_brings_its_scripts(python: Path, tmp_path: Path) -> None:
    ask = """
from importlib.resources import files
for folder in ("", "wire/scripts", "wire/scripts/parts"):
    print(*(file.name for file in files("leeward").joinpath(folder).iterdir()), sep="\\n")
"""

    inside = run(python, "-I", "-c", ask, cwd=tmp_path).split()

    assert {"py.typed", "enqueue.lua", "status.lua", "cancel.lua", "now.lua", "wake.lua"} <= set(inside)


def test_the_test_helper_says_what_to_install_where_there_is_no_fleet(python: Path, tmp_path: Path) -> None:
    code = """
from leeward.extension import Extension
from leeward.testing import FleetNotInstalled, fleet_with

try:
    fleet_with(Extension("empty", api=1), {})
except FleetNotInstalled as error:
    print(error)
"""

    assert "install leeward-fleet[embedded]" in run(python, "-I", "-c", code, cwd=tmp_path)
