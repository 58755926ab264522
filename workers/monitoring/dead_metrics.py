"""What dead worker processes have counted, in one file for each kind of metric, so that a scrape costs the same however many have died."""

import struct
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import structlog
from prometheus_client.mmap_dict import MmapedDict

OF_THE_DEAD = "dead"
"""In a file's name, where the others have a process id."""
UNREADABLE = (RuntimeError, struct.error, ValueError)

_log = structlog.get_logger(__name__)


def merge_dead(folder: Path, is_alive: Callable[[int], bool]) -> None:
    """Adds what dead processes have counted up to what was counted by those before them, and removes their files. Gauges, which say how
    things stand, are dropped. One caller at a time.

    Raises:
        OSError: there is no room; everything is as before.
    """
    files = defaultdict[str, list[Path]](list)
    for file in folder.glob("*.db"):
        kind, owner = parts(file)
        if owner.isdecimal() and not is_alive(int(owner)):
            files[kind].append(file)
    for kind, dead in files.items():
        if not kind.startswith("gauge"):
            total = folder / f"{kind}_{OF_THE_DEAD}.db"
            _write(total, _sums([total, *dead]))
        for file in dead:
            file.unlink(missing_ok=True)


def parts(file: Path) -> tuple[str, str]:
    """A file's kind of metric and its owner."""
    kind, _, owner = file.stem.rpartition("_")
    return kind, owner


def _sums(files: Iterable[Path]) -> Mapping[str, float]:
    sums = defaultdict[str, float](float)
    for file in files:
        if file.exists() and file.stat().st_size:
            try:
                for key, value in values(file):
                    sums[key] += value
            except UNREADABLE as error:
                _log.warning("metrics_unreadable", file=file.name, error=str(error))
    return sums


def values(file: Path) -> list[tuple[str, float]]:
    """All of a file, or one of `UNREADABLE`."""
    return [(key, value) for key, value, _, _ in MmapedDict.read_all_values_from_file(str(file))]


def _write(file: Path, sums: Mapping[str, float]) -> None:
    """In the format that `MmapedDict` describes."""
    entries = b"".join(_entry(key.encode(), value) for key, value in sums.items())
    unfinished = file.with_suffix(".new")
    unfinished.write_bytes(struct.pack("i4x", 8 + len(entries)) + entries)
    unfinished.replace(file)


def _entry(key: bytes, value: float) -> bytes:
    padded = key + b" " * (8 - (len(key) + 4) % 8)
    return struct.pack(f"i{len(padded)}sdd", len(key), padded, value, 0.0)
