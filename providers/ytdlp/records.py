"""What is known of a destination's download between deliveries: whose it is, and how far it came."""

import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import orjson

from providers.downloads.disk.folder import Folder

NAME = "download.json"
_LONGEST_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One destination's.

    Attributes:
        source: a digest of what the job asks for; another one is another download.
        file: the complete file, in the work folder, that is to be put in its place; empty before there is one.
        published: where it was put, relative to the media folder; empty before.
        size_bytes: of the complete file.
        facts: what is known of the film, for the job's result.
    """

    source: str
    file: str = ""
    published: str = ""
    size_bytes: int = 0
    facts: Mapping[str, Any]

    @classmethod
    def read(cls, folder: Folder) -> "Record | None":
        """What was written there; None when there is nothing that can be read.

        Raises:
            OSError: the system refuses.
        """
        try:
            with folder.open_file(NAME, os.O_RDONLY) as file:
                found = orjson.loads(file.read(_LONGEST_BYTES))
            return cls(**found)
        except (FileNotFoundError, orjson.JSONDecodeError, TypeError):
            return None

    def write(self, folder: Folder) -> None:
        """Replaces what was written, durably."""
        new = f"{NAME}.new"
        with folder.open_file(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC) as file:
            file.write(orjson.dumps(asdict(self)))
            os.fsync(file.fileno())
        folder.replace(new, NAME)
        folder.sync()
