"""The files in which a worker process keeps its metrics, as `prometheus_client` maps them into memory, with room that is really there.

A mapped file that was only given a size has no blocks on the disk yet. A write to such a page of a full disk cannot be refused with an
error: the kernel sends SIGBUS, and the process is gone with the jobs that it runs.
"""

import errno
import mmap
import os
import struct
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import prometheus_client.values
import structlog
from prometheus_client.mmap_dict import MmapedDict

FIRST_BYTES = 128 * 1024
"""What the metrics of some ten actors need."""
TRY_AGAIN = timedelta(seconds=10)

_log = structlog.get_logger(__name__)


def reserve_room() -> None:
    """Makes every metric of this process, from now on, keep to files with room. Before the first metric is made."""
    prometheus_client.values.MmapedDict = ReservedDict  # type: ignore[attr-defined, assignment] # it offers no other way


class ReservedDict(MmapedDict):
    """Takes its blocks before it maps them. While there is no room it counts in memory only, where the host cannot see it; the file is
    brought up to date when there is room again.

    As its base it is called under one lock.
    """

    def __init__(self, filename: str) -> None:
        self._f: Any = None
        self._fname = filename
        self._positions: dict[str, int] = {}
        self._try_at = 0.0
        self._capacity = FIRST_BYTES
        self._m: mmap.mmap
        self._map(b"")
        (used,) = _USED.unpack_from(self._m)
        self._used = used or _EMPTY_BYTES
        self._m[: _USED.size] = _USED.pack(self._used)
        for key, _, _, position in self._read_all_values():  # type: ignore[no-untyped-call]
            self._positions[key] = position

    def _init_value(self, key: str) -> None:
        needed = self._used + len(key.encode()) + _ENTRY_BYTES
        if needed > self._capacity:
            while needed > self._capacity:
                self._capacity *= 2
            self._map(self._m[: self._used])
        super()._init_value(key)  # type: ignore[no-untyped-call]

    def _map(self, content: bytes) -> None:
        """Maps the file at its new capacity, or memory when there is no room for that."""
        try:
            if self._f is None:
                self._f = os.fdopen(os.open(self._fname, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600), "r+b")
            self._capacity = max(self._capacity, os.fstat(self._f.fileno()).st_size)
            _allocate(self._f.fileno(), self._capacity)
            mapped = mmap.mmap(self._f.fileno(), self._capacity)
        except OSError as error:
            if not self._try_at:
                _log.warning(
                    "metrics_not_kept",
                    file=Path(self._fname).name,
                    error=str(error),
                    advice="free disk space in TMPDIR; until then /metrics shows what was kept before",
                )
            self._try_at = time.monotonic() + TRY_AGAIN.total_seconds()
            self.__dict__["write_value"] = self._write_and_try_again
            mapped = mmap.mmap(-1, self._capacity)
        else:
            if self._try_at:
                _log.info("metrics_kept_again", file=Path(self._fname).name)
            self._try_at = 0.0
            self.__dict__.pop("write_value", None)
        mapped[: len(content)] = content
        self._m = mapped

    def _write_and_try_again(self, key: str, value: float, timestamp: float) -> None:
        """In place of the plain `write_value`, which every job passes and which so costs nothing more while there is room."""
        if time.monotonic() >= self._try_at:
            self._map(self._m[: self._used])
        super().write_value(key, value, timestamp)  # type: ignore[no-untyped-call]


def _allocate(descriptor: int, size_bytes: int) -> None:
    """Raises OSError where there is no room."""
    try:
        os.posix_fallocate(descriptor, 0, size_bytes)
    except OSError as error:
        if error.errno not in {errno.EOPNOTSUPP, errno.EINVAL}:
            raise
        # Some file systems only know the hard way.
        missing = size_bytes - os.fstat(descriptor).st_size
        if os.pwrite(descriptor, bytes(missing), size_bytes - missing) < missing:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)) from error


_USED = struct.Struct("i")
_EMPTY_BYTES = 8
_ENTRY_BYTES = 4 + 8 + 16
"""Beside its key: the key's length, padding, value and timestamp."""
