"""Reads the heartbeats that the worker processes of a host write (`workers.monitoring.heartbeat`)."""

import time
from datetime import timedelta
from pathlib import Path

import orjson

from workers.monitoring.readiness import Sign
from workers.processes.liveness import is_alive


def heartbeats(folder: Path) -> list[Sign]:
    """Those of live processes. One that stands still leaves a sign that grows old, one that has died none."""
    found = []
    for file in folder.glob("pulse-*.json"):
        try:
            pulse, written = orjson.loads(file.read_bytes()), file.stat().st_mtime
        except (OSError, orjson.JSONDecodeError):  # gone, or half a second too early
            continue
        if not is_alive(pulse["pid"]):
            continue
        found.append(
            Sign(
                pid=pulse["pid"],
                threads=pulse["threads"],
                busy=pulse["busy"],
                written=timedelta(seconds=time.time() - written),
                heard=timedelta(seconds=pulse["heard_seconds_ago"]),
                finished=timedelta(seconds=pulse["finished_seconds_ago"]),
                oldest_job=timedelta(seconds=pulse["oldest_job_seconds"]),
                moved={name: timedelta(seconds=age) for name, age in pulse["moved_seconds_ago"].items()},
            )
        )
    return found


def remove_dead(folder: Path) -> None:
    """Removes the signs of processes that have died."""
    for file in folder.glob("pulse-*"):
        owner = file.stem.removeprefix("pulse-")
        if owner.isdecimal() and not is_alive(int(owner)):
            file.unlink(missing_ok=True)
