"""Where in the code a job failed. A rule: reads a traceback as text."""

import re
from collections.abc import Set as AbstractSet
from pathlib import PurePosixPath

OUR_PACKAGES = frozenset({"actors", "broker", "leeward", "middleware", "providers", "workers"})
LIBRARIES = frozenset({"site-packages", "dist-packages"})

_FRAME = re.compile(r'^[ |+]{0,40}File "([^"\n]{1,1000})", line \d+, in ([\w<>.]{1,100})$', re.MULTILINE)
_STANDARD_LIBRARY = re.compile(r"(?:^|/)lib(?:64)?/python\d[\d.]*/|^<frozen ")
_NUMBER = re.compile(r"\d+")


def top_frame(traceback: str, packages: AbstractSet[str] = frozenset()) -> str | None:
    """The deepest frame that is ours or the user's own, as `providers/media/accounts.py:create`; None when there is none.

    `packages` are import packages that count as ours: those of extensions, which are installed where libraries are.

    Without a line number, which every release moves, and for the user's own code without the folders it lives in, which deployments
    name after themselves: only the last one, without digits.
    """
    own = OUR_PACKAGES | packages
    for file, function in reversed(_FRAME.findall(traceback)):
        place = _ours(file, own) or _users(file)
        if place:
            return f"{place}:{function}"
    return None


def place_of(frame: str) -> str:
    """A frame's package and function, as `providers:ensure_user`: what of it stays when a release moves files within a package.

    `frame` is as `top_frame` returns it. One without a folder stays as it is.
    """
    package, _, rest = frame.partition("/")
    return f"{package}:{rest.rpartition(':')[2]}" if rest else frame


def _ours(file: str, own: AbstractSet[str]) -> str | None:
    parts = _parts(file)
    library = next((position for position, part in enumerate(parts) if part in LIBRARIES), None)
    if library is not None:
        # When installed, our packages are directly in it; deeper folders belong to other packages.
        rest = parts[library + 1 :]
        return "/".join(rest) if rest[:1] and rest[0] in own else None
    found = [position for position, part in enumerate(parts[:-1]) if part in own]
    return "/".join(parts[found[-1] :]) if found else None


def _users(file: str) -> str | None:
    parts = _parts(file)
    if LIBRARIES & set(parts) or _STANDARD_LIBRARY.search("/".join(parts)) or file.startswith("<"):
        return None
    return _NUMBER.sub("N", "/".join(parts[-2:])).lstrip("/")


def _parts(file: str) -> tuple[str, ...]:
    return PurePosixPath(file.replace("\\", "/")).parts
