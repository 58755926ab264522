"""What the kernel knows of other processes."""

from pathlib import Path


def is_stopped(pid: int) -> bool:
    """Whether SIGSTOP has taken effect on every thread of the process."""
    return all(_state(stat) == "T" for stat in Path(f"/proc/{pid}/task").glob("*/stat"))


def rss_bytes(pid: int) -> int:
    """Resident memory."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    raise ProcessLookupError(pid)


def _state(stat: Path) -> str:
    return stat.read_text().rpartition(")")[2].split()[0]
