"""What is known of an unfinished file: enough for another worker to continue it, or to detect that it must not."""

import hashlib
import os
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from providers.downloads.disk.folder import Folder
from providers.downloads.network.version import Version

_LARGEST_BYTES = 64 * 1024
_FRESH = ".new"


class PartRecord(BaseModel):
    """Kept beside the part. Whatever it says is true of bytes that are already durable."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    version: Literal[1] = 1
    source: str
    """A digest of the URL that the bytes came from last; the URL itself may hold secrets."""
    expected: str | None = None
    """The checksum that the job names: with the same one, another URL may continue the bytes."""
    etag: str | None = None
    """The strong tag of the bytes."""
    weak_etag: str | None = None
    last_modified: str | None = None
    is_date_strong: bool = False
    digest: str | None = None
    """The rest of what identifies their version: see `version`."""
    coding: str = ""
    """The content coding that the bytes are in."""
    total: int | None = Field(default=None, ge=0)
    """The whole file's length, when known."""
    durable_bytes: int = Field(default=0, ge=0)
    """How many bytes from the start survive a crash."""
    pieced: bool = False
    """Whether the bytes came in more than one answer."""
    replaced: bool = False
    """Whether the host began again, with this version or another, after bytes had come."""
    mismatched: bool = False
    """Whether a file was thrown away before because its checksum or size was wrong, though the host may not be to blame."""
    wrong: str | None = None
    """What identified the version of that file; None when nothing did."""

    @property
    def validators(self) -> Version:
        """Of the bytes."""
        return Version(self.etag, self.weak_etag, self.last_modified, self.is_date_strong, self.digest)

    @property
    def identity(self) -> str:
        """What distinguishes the version of these bytes from another, for `wrong`."""
        said = (self.etag, self.weak_etag, self.last_modified, self.total)
        return hashlib.sha256(repr(said).encode()).hexdigest()

    @classmethod
    def decode(cls, encoded: bytes) -> "PartRecord | None":
        """None for anything that this release did not write whole: the folder is open to others."""
        try:
            return cls.model_validate_json(encoded)
        except ValidationError:
            return None


def source_digest(url: str) -> str:
    """Distinguishes URLs without storing them."""
    return hashlib.sha256(url.encode()).hexdigest()


def load_record(folder: Folder, name: str) -> PartRecord | None:
    """Reads a record; None when there is none, or none that can be trusted."""
    try:
        with folder.open_file(name, os.O_RDONLY) as stored:
            return PartRecord.decode(stored.read(_LARGEST_BYTES) or b"")
    except FileNotFoundError:
        return None


def store_record(folder: Folder, name: str, record: PartRecord) -> None:
    """Writes a record in one step: a reader finds the old one or the new one, complete."""
    with folder.open_file(name + _FRESH, os.O_WRONLY | os.O_CREAT | os.O_TRUNC) as fresh:
        # Without what it does not say: older releases read records without fields that they do not know.
        fresh.write(record.model_dump_json(exclude_defaults=True).encode())
    folder.replace(name + _FRESH, name)


def remove_record(folder: Folder, name: str) -> None:
    """Removes a record, and what a crash while storing it may have left."""
    folder.remove(name)
    folder.remove(name + _FRESH)
