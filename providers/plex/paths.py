"""Paths as a Plex server sees them, of Unix or Windows. A rule over text: the file system here is another one."""

import re

_SEPARATORS = re.compile(r"[\\/]+")


def is_within(path: str, folder: str) -> bool:
    """Whether `path` is the folder or below it. Never for a path that goes up, as `/films/../private`."""
    parts, around = _parts(path), _parts(folder)
    return ".." not in parts and parts[: len(around)] == around


def _parts(path: str) -> list[str]:
    has_drive = re.match(r"[A-Za-z]:|\\\\", path) is not None
    parts = _SEPARATORS.split(path) if has_drive else re.split(r"/+", path)
    kept = [part for part in parts if part not in {"", "."}]
    return [part.casefold() for part in kept] if has_drive else kept  # Windows knows no case
