"""Reads the signs of life that the worker processes of a host write (`workers.pulse`)."""

import time
from datetime import timedelta
from pathlib import Path

import orjson

from workers.readiness import Sign


def signs(folder: Path) -> list[Sign]:
    """Those in the folder now. A process that was killed leaves a sign that grows old."""
    found = []
    for file in folder.glob("pulse-*.json"):
        try:
            pulse, written = orjson.loads(file.read_bytes()), file.stat().st_mtime
        except (OSError, orjson.JSONDecodeError):  # gone, or half a second too early
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
            )
        )
    return found
