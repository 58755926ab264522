"""A worker process as a host starts it, that downloads into a folder."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.fleet import ROOT
from leeward.embedded.death_signal import dies_with_parent


@contextmanager
def downloading(valkey_url: str, folder: Path, root: Path) -> Iterator[int]:
    """Yields the process id. Everything but the addresses is as by default, two downloads at once among it."""
    host = folder / "host"
    host.mkdir()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("LEEWARD_")} | {
        "LEEWARD_VALKEY_URL": valkey_url,
        "LEEWARD_DOWNLOAD_ROOT": str(root),
        "LEEWARD_DOWNLOAD_ALLOW_PRIVATE": "true",
        "PROMETHEUS_MULTIPROC_DIR": str(host),
    }
    log = folder / "worker.log"
    with (
        log.open("wb") as output,
        subprocess.Popen(
            [sys.executable, "-m", "workers.processes.worker_start", str(host)],
            env=environment,
            cwd=ROOT,
            stdout=output,
            stderr=output,
            preexec_fn=dies_with_parent(signal.SIGKILL),  # noqa: PLW1509 # system calls only, looked up before
        ) as process,
    ):
        try:
            yield process.pid
        finally:
            process.terminate()


def cpu_seconds(pid: int) -> float:
    """Of a running process, user and system."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
