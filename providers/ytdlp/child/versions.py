"""Which version of a file a part on disk is of: without that, yt-dlp joins the pieces of two different files.

yt-dlp asks for the rest of a part by its length alone. Here the request gets an `If-Range` (RFC 9110, section 13.1.5): a host
whose file has changed answers with all of it, and yt-dlp begins again. Where the host gave nothing to compare by, the part is not
continued.
"""

import json
import re
from collections.abc import Mapping
from pathlib import Path

from providers.downloads.network.version import version_of

_RANGE = re.compile(r"bytes=(?P<first>\d+)-")


class Versions:
    """The validators of parts, by the name of the part's file; kept in a file, for the next delivery."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._known = _read(file)
        self._begun: set[str] = set()

    def condition(self, part: str) -> str | None:
        """What to write into `If-Range`; None: nothing is known to compare by."""
        return self._known.get(part)

    def may_continue(self, part: str, wanted: str) -> bool:
        """Whether a `Range` may be asked for although there is nothing to compare by: the next piece of a file that this process fetches
        piece by piece.
        """
        return part in self._begun and not wanted.endswith("-")

    def note(self, part: str, headers: Mapping[str, str]) -> None:
        """Keeps what an answer with the beginning of the file says of its version. Durable before the first byte of it is written."""
        self._begun.add(part)
        validator = version_of(headers).condition
        if validator is None:
            self._known.pop(part, None)
        else:
            self._known[part] = validator
        new = self._file.with_suffix(".new")
        new.write_text(json.dumps(self._known))
        new.replace(self._file)


def first_byte(value: str | None) -> int | None:
    """The first byte that a `Range` asks for; None when it is none, or one without a beginning."""
    found = _RANGE.match(value or "")
    return int(found["first"]) if found else None


def _read(file: Path) -> dict[str, str]:
    try:
        found = json.loads(file.read_text())
    except (OSError, ValueError):
        return {}
    return {str(name): str(value) for name, value in found.items()} if isinstance(found, dict) else {}
