"""Which destinations a job may name. A rule over the text; `folder` keeps it true on disk, through links too."""

import hashlib

OWN_PREFIX = ".leeward-"
"""How the fleet's own files in a download folder begin. No destination may."""
MADE_NAME = f"{OWN_PREFIX}made"
"""An empty file in each folder that the fleet made, until something is published there: such a folder may be removed again."""
_LONGEST_NAME_BYTES = 255
_LONGEST_PATH_BYTES = 1024


class DestinationRefused(Exception):
    """Raised when a file must not be written where a job wants it."""


def segments(destination: str) -> tuple[str, ...]:
    """The folders and, last, the file of a relative path.

    Raises:
        DestinationRefused: absolute, empty, leading upwards, too long for a file system, or one of our own names.
    """
    names = tuple(destination.split("/"))
    for name in names:
        problem = _problem(name)
        if problem:
            raise DestinationRefused(f"the destination {destination!r} {problem}: give a relative path, as `a/b.iso`")
    if len(destination.encode()) > _LONGEST_PATH_BYTES:
        raise DestinationRefused(f"the destination is longer than {_LONGEST_PATH_BYTES} bytes")
    return names


def part_name(file_name: str) -> str:
    """The temporary file of a destination, beside it; the same for every delivery, so that the next one resumes."""
    return f"{OWN_PREFIX}{_digest(file_name)}.part"


def plain_name(file_name: str) -> str:
    """Beside the temporary file: its bytes without their content coding."""
    return f"{OWN_PREFIX}{_digest(file_name)}.plain"


def record_name(file_name: str) -> str:
    """Beside the temporary file: what is known of it."""
    return f"{OWN_PREFIX}{_digest(file_name)}.json"


def is_own(name: str) -> bool:
    """Whether it is the name of a file of the fleet's own."""
    return name.startswith(OWN_PREFIX)


def _digest(file_name: str) -> str:
    # Not the name itself, which may already be as long as a file system allows.
    return hashlib.sha256(file_name.encode()).hexdigest()[:32]


def _problem(name: str) -> str | None:
    if not name:
        return "is absolute or has an empty part"
    if name in (".", ".."):
        return "has a part `.` or `..`"
    if name.startswith(OWN_PREFIX):
        return f"has a part that begins with {OWN_PREFIX!r}"
    return _unwritable(name)


def _unwritable(name: str) -> str | None:
    if "\\" in name or any(ord(character) < ord(" ") or character == "\x7f" for character in name):
        return "has a backslash or a control character"
    try:
        encoded = name.encode()
    except UnicodeEncodeError:  # a lone surrogate
        return "is no valid text"
    return f"has a part longer than {_LONGEST_NAME_BYTES} bytes" if len(encoded) > _LONGEST_NAME_BYTES else None
