"""The Leeward examples of docs/moving.md, run as they stand there but for the address of the server."""

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import redis

from leeward.wire.keys import ProviderKeys
from tests.support.fleets.workers_under_test import outcome
from tests.support.processes import ROOT, RunningProcess
from tests.support.waiting import wait_until

DRAMATIQ = Path(sys.executable).with_name("dramatiq")
DOCUMENT = (ROOT / "docs" / "moving.md").read_text()
FROM_DRAMATIQ, FROM_CELERY = re.findall(r"^```python\n(.*?)^```$", DOCUMENT, re.MULTILINE | re.DOTALL)
ADDRESS = "redis://127.0.0.1:6379/0"


def write(folder: Path, text: str, url: str) -> None:
    assert ADDRESS in text
    (folder / "my_module.py").write_text(text.replace(ADDRESS, url))


def test_the_module_that_changed_its_broker_runs_with_the_stock_command(
    valkey_url: str, valkey: "redis.Redis", tmp_path: Path, start_process: Callable[..., RunningProcess]
) -> None:
    write(tmp_path, FROM_DRAMATIQ, valkey_url)
    worker = start_process([DRAMATIQ, "my_module", "--path", str(tmp_path), "--processes", "1", "--threads", "1"])
    worker.wait_for_output("is ready for action")

    send = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import my_module; print(my_module.resize.send('a.png').message_id)"
    job = subprocess.run([sys.executable, "-c", send], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60)

    wait_until(lambda: outcome(valkey, "default", job.stdout.strip()), description="the job's outcome", timeout=20)


def test_the_example_for_those_who_come_from_celery_schedules_one_mail(
    valkey_url: str, valkey: "redis.Redis", tmp_path: Path
) -> None:
    write(tmp_path, FROM_CELERY, valkey_url)

    for _ in range(2):
        subprocess.run([sys.executable, tmp_path / "my_module.py"], cwd=ROOT, check=True, timeout=60)

    assert valkey.zcard(ProviderKeys("smtp").scheduled) == 1
