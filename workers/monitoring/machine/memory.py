"""How much memory is in use: of the control group where that has a limit, else of the machine."""

from pathlib import Path
from typing import NamedTuple

ROOT = Path("/")


class Memory(NamedTuple):
    """Bytes. What the kernel can take back at once, as the cache of files, is not in use."""

    used: int
    total: int


def memory_in_use(root: Path = ROOT) -> Memory | None:
    """None where the system does not say it.

    Args:
        root: below which the system's files are.
    """
    machine = _of_machine(root)
    return _of_group(root, machine) or machine


def _of_group(root: Path, machine: Memory | None) -> Memory | None:
    """Control groups, version 2 (the files of `/sys/fs/cgroup` in a container are those of its own group), then version 1."""
    for folder, limit, current, cache in (
        ("sys/fs/cgroup", "memory.max", "memory.current", "inactive_file"),
        ("sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
    ):
        most, used = _number(root / folder / limit), _number(root / folder / current)
        # Without a limit there is the word `max`, or a number that no machine has.
        if most is None or used is None or (machine is not None and most >= machine.total):
            continue
        return Memory(max(0, used - _fields(root / folder / "memory.stat").get(cache, 0)), most)
    return None


def _of_machine(root: Path) -> Memory | None:
    fields = _fields(root / "proc/meminfo")
    total, available = fields.get("MemTotal"), fields.get("MemAvailable")
    return None if total is None or available is None else Memory((total - available) * 1024, total * 1024)


def _number(file: Path) -> int | None:
    try:
        text = file.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return None
    return int(text) if text.isdecimal() else None


def _fields(file: Path) -> dict[str, int]:
    try:
        lines = file.read_text(encoding="ascii").splitlines()
    except (OSError, UnicodeDecodeError):
        return {}
    words = (line.replace(":", " ").split() for line in lines)
    return {word[0]: int(word[1]) for word in words if len(word) > 1 and word[1].isdecimal()}
