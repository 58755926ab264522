"""The unfinished file of one destination: locked, resumable after any crash, and made the real one in a single step."""

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import asdict
from io import FileIO
from types import TracebackType
from typing import Self

from providers.downloads.disk.beside import Beside, Bytes, RunningHash, RunningSync
from providers.downloads.disk.destination import part_name, plain_name, record_name
from providers.downloads.disk.folder import Folder
from providers.downloads.disk.part_lock import open_locked
from providers.downloads.disk.part_record import PartRecord, load_record, remove_record, store_record
from providers.downloads.network.version import Version

_make_durable = getattr(os, "fdatasync", os.fsync)  # not every Unix has it


class PartFile:
    """A context manager; leaving it keeps the bytes so far and gives the lock back. Not for several threads.

    A piece that was appended must stay as it is until the next call has returned.

    Attributes:
        record: what is known of the bytes.
        size: how many bytes are there.
        resumed_from: how many of them an earlier delivery brought.
    """

    def __init__(self, folder: Folder, file_name: str, handle: FileIO, beside: Beside) -> None:
        self._folder = folder
        self._file_name = file_name
        self._handle = handle
        self._beside = beside
        self._hash = RunningHash(beside)
        self._syncing = RunningSync(beside, lambda: _make_durable(handle.fileno()))
        self._is_ours = False
        self._plain: FileIO | None = None
        self.record = PartRecord(source="")
        self.size = 0
        self.resumed_from = 0

    @classmethod
    def open(cls, folder: Folder, file_name: str, beside: Beside) -> Self:
        """Takes the lock, without waiting.

        Raises:
            PartBusy: another process or thread has the lock.
            DestinationRefused: a link or a folder lies in place of the part.
            OSError: the system refuses.
        """
        return cls(folder, file_name, open_locked(folder, part_name(file_name)), beside)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # The lock goes last. When the disk refuses, the bytes of the last checkpoint stand.
        with closing(self._handle), suppress(OSError):
            if self._is_ours and self.can_resume:
                self.checkpoint()
            elif self._is_ours:
                earlier = PartRecord(source=self.record.source, mismatched=True, wrong=self.record.wrong)
                self._remove(earlier if self.record.mismatched else None)
            self._drop_plain()
            self._syncing.ended(wait=True)

    @property
    def can_resume(self) -> bool:
        """Whether the bytes may be continued: some are there, and either a strong validator identifies their version, or the
        job's checksum, or the host's own, will show whether they belong together.
        """
        return self.size > 0 and self._is_continuable

    @property
    def _is_continuable(self) -> bool:
        known = self.record
        return known.expected is not None or known.digest is not None or known.validators.condition is not None

    @property
    def is_complete(self) -> bool:
        return self.can_resume and self.size == self.record.total

    def resume(self, sources: Sequence[str], expected: str | None, chunk_bytes: int) -> None:
        """Takes over and hashes what an earlier delivery left durable; begins at nothing when that cannot be used.

        Args:
            sources: the digests of the job's URLs. Bytes of another URL are used where it was to have the same checksum.
            expected: the checksum that the job names.
            chunk_bytes: how much is read at once.
        """
        self.record = PartRecord(source=sources[0], expected=expected)
        record = load_record(self._folder, record_name(self._file_name))
        if record is not None and (record.source in sources or (expected is not None and record.expected == expected)):
            self.record = record.model_copy(update={"expected": expected})
        usable = self.record.durable_bytes if self._is_continuable else 0
        if os.fstat(self._handle.fileno()).st_size < usable:
            usable = 0
        self._truncate(usable)
        self._hash_prefix(chunk_bytes)
        self.resumed_from = usable
        self._is_ours = True

    def restart(self, source: str, version: Version | None = None, total: int | None = None, coding: str = "") -> None:
        """Throws the bytes away and begins again, maybe with another version of the file, or from another URL."""
        replaced = self.record.replaced or self.size > 0
        self._truncate(0)
        self.resumed_from = 0
        known = asdict(version or Version())
        changed = {**known, "source": source, "total": total, "coding": coding}
        changed |= {"durable_bytes": 0, "pieced": False, "replaced": replaced}
        self.record = self.record.model_copy(update=changed)
        store_record(self._folder, record_name(self._file_name), self.record)
        # Or a power cut could bring the old record back over new bytes.
        self._folder.sync()

    def go_on(self, total: int | None) -> None:
        """Notes that another answer continues the bytes."""
        known = self.record.total if total is None else total
        self.record = self.record.model_copy(update={"total": known, "pieced": True})

    def change_source(self, source: str, version: Version) -> None:
        """Notes that another URL continues the bytes, with a version of its own."""
        self.record = self.record.model_copy(update={"source": source, **asdict(version)})

    def append(self, piece: Bytes) -> None:
        rest = memoryview(piece)
        while rest:
            rest = rest[self._handle.write(rest) :]
        self._hash.update(piece)
        self.size += len(piece)
        self._settle()

    def write_back(self) -> None:
        """Begins to make the bytes so far durable, and does not wait for it.

        Raises:
            OSError: the last time it failed.
        """
        self._settle()
        self._syncing.begin(self.size)

    def checkpoint(self) -> None:
        """Makes the bytes so far durable, then says so in the record: a later crash costs only what comes after."""
        self._settle(wait=True)
        if self.can_resume and self.record.durable_bytes != self.size:
            self._syncing.begin(self.size)
            self._settle(wait=True)

    def sha256(self) -> str:
        """Of all bytes so far."""
        return self._hash.hexdigest()

    def free_bytes(self) -> int:
        """What may still be written on the file system."""
        return self._folder.free_bytes()

    def capacity_bytes(self) -> int:
        """What the file system could hold if it were empty."""
        return self._folder.capacity_bytes()

    def pieces(self, chunk_bytes: int) -> Iterator[bytes]:
        """The bytes so far, from the beginning."""
        self._handle.seek(0)
        left = self.size
        while left and (chunk := self._handle.read(min(left, chunk_bytes))):
            left -= len(chunk)
            yield chunk

    def replace_by(self, pieces: Iterable[bytes]) -> tuple[int, str]:
        """Writes pieces, which may come from `pieces`, to a file of their own: `finish` publishes that one. The part stays as it is
        until then. Returns the size and the SHA-256.
        """
        plain = self._plain = self._folder.open_file(plain_name(self._file_name), os.O_RDWR | os.O_CREAT | os.O_TRUNC)
        size, digest = 0, RunningHash(self._beside)
        for piece in pieces:
            rest = memoryview(piece)
            while rest:
                rest = rest[plain.write(rest) :]
            digest.update(piece)
            size += len(piece)
        return size, digest.hexdigest()

    def finish(self) -> None:
        """Makes the part the destination, durably and in one step, and clears up. Replaces a file that is there."""
        self._settle(wait=True)
        os.fsync((self._plain or self._handle).fileno())
        self._is_ours = False
        if self._plain is None:
            self._folder.replace(part_name(self._file_name), self._file_name)
        else:
            self._folder.replace(plain_name(self._file_name), self._file_name)
            self._folder.remove(part_name(self._file_name))
        remove_record(self._folder, record_name(self._file_name))
        self._folder.keep()
        self._folder.sync()

    def discard(self, *, mismatched: bool = False) -> None:
        """Removes the part; `mismatched` leaves a note for the next delivery that this version was wrong."""
        note = PartRecord(source=self.record.source, mismatched=True, wrong=self.record.identity)
        self._remove(note if mismatched else None)

    def _remove(self, note: PartRecord | None) -> None:
        self._is_ours = False
        self._folder.remove(part_name(self._file_name))
        if note is None:
            remove_record(self._folder, record_name(self._file_name))
        else:
            store_record(self._folder, record_name(self._file_name), note)

    def _settle(self, *, wait: bool = False) -> None:
        """Notes what is durable by now."""
        durable = self._syncing.ended(wait=wait)
        if durable is not None and self._is_ours and self.can_resume:
            self.record = self.record.model_copy(update={"durable_bytes": durable})
            store_record(self._folder, record_name(self._file_name), self.record)

    def _truncate(self, size: int) -> None:
        self._syncing.ended(wait=True)
        self._handle.truncate(size)
        self._handle.seek(size)
        self._hash = RunningHash(self._beside)
        self.size = size

    def _hash_prefix(self, chunk_bytes: int) -> None:
        for chunk in self.pieces(chunk_bytes):
            self._hash.update(chunk)

    def _drop_plain(self) -> None:
        if self._plain is not None:
            self._plain.close()
            self._folder.remove(plain_name(self._file_name))
