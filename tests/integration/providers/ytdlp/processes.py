"""The processes that yt-dlp runs in."""

from contextlib import suppress
from pathlib import Path

_MARK = b"providers.ytdlp.child"


def running(folder: Path) -> list[int]:
    """The ids of those that work in a media folder."""
    ids = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]
    return [pid for pid in ids if _is_one(pid, folder)]


def _is_one(pid: int, folder: Path) -> bool:
    with suppress(OSError):
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        return _MARK in words and Path(f"/proc/{pid}/cwd").readlink().is_relative_to(folder)
    return False


def part_bytes(root: Path) -> int:
    """How much of a film has been written that is not complete."""
    with suppress(OSError):
        return sum(part.stat().st_size for part in root.rglob("media.*.part"))
    return 0
