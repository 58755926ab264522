"""Where in the code a job failed. A rule: reads a traceback as text."""

import re
from pathlib import PurePosixPath

OUR_PACKAGES = frozenset({"actors", "broker", "leeward", "middleware", "providers", "workers"})
LIBRARIES = frozenset({"site-packages", "dist-packages"})

_FRAME = re.compile(r'^[ |+]{0,40}File "([^"\n]{1,1000})", line \d+, in ([\w<>.]{1,100})$', re.MULTILINE)
_STANDARD_LIBRARY = re.compile(r"(?:^|/)lib(?:64)?/python\d[\d.]*/|^<frozen ")
_NUMBER = re.compile(r"\d+")


def top_frame(traceback: str) -> str | None:
    """The deepest frame that is ours or the user's own, as `providers/jellyfin/user_directory.py:ensure_user`; None when there is none.

    Without a line number, which every release moves, and for the user's own code without the folders it lives in, which deployments
    name after themselves: only the last one, without digits.
    """
    for file, function in reversed(_FRAME.findall(traceback)):
        place = _ours(file) or _users(file)
        if place:
            return f"{place}:{function}"
    return None


def _ours(file: str) -> str | None:
    parts = PurePosixPath(file.replace("\\", "/")).parts
    for position in range(len(parts) - 2, -1, -1):
        if parts[position] in LIBRARIES:
            return None
        if parts[position] in OUR_PACKAGES:
            return "/".join(parts[position:])
    return None


def _users(file: str) -> str | None:
    path = PurePosixPath(file.replace("\\", "/"))
    if LIBRARIES & set(path.parts) or _STANDARD_LIBRARY.search(str(path)) or file.startswith("<"):
        return None
    return _NUMBER.sub("N", "/".join(path.parts[-2:])).lstrip("/")
