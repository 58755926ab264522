"""What a download folder holds, and what was asked of a host."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from simulators.files.server import FilesSimulator
from tests.support.waiting import wait_until


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def own_files(root: Path) -> list[str]:
    """The kinds of our own files that lie about, as `part` and `json`."""
    return sorted(path.suffix[1:] for path in root.rglob(".leeward-*"))


def part(root: Path) -> Path:
    """The only unfinished file there is."""
    (found,) = root.rglob(".leeward-*.part")
    return found


def record(root: Path) -> Path:
    (found,) = root.rglob(".leeward-*.json")
    return found


def requests(host: FilesSimulator) -> list[Mapping[str, Any]]:
    """Every request that was answered, in order. An answer is recorded just after it was sent."""
    wait_until(lambda: not host.in_flight, description="the host has recorded every answer")
    return host.record.entries("request")


def asked(host: FilesSimulator) -> list[tuple[str | None, int]]:
    """Range and status of every request that was answered, in order."""
    return [(entry["headers"].get("range"), entry["status"]) for entry in requests(host)]


def last_headers(host: FilesSimulator) -> dict[str, Any]:
    return dict(requests(host)[-1]["headers"])
