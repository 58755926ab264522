"""The names that a shell completes, in a file of the user's cache folder. Costs nothing to import: a shell waits for it."""

import hashlib
import json
import os
import time
from contextlib import suppress
from pathlib import Path

FRESH_SECONDS = 60.0
"""After this the names are served once more while they are read again."""
KEPT_SECONDS = 7 * 86_400.0
_ADDRESSES = ("LEEWARD_VALKEY_URL", "LEEWARD_VALKEY_URL_FILE", "LEEWARD_CONFIG", "LEEWARD_DATA_DIR")

Names = dict[str, list[str]]


def file_of_names() -> Path:
    """One for each fleet: for each set of addresses, and each folder where none is set."""
    places = [os.environ.get(name, "") for name in _ADDRESSES]
    fleet = hashlib.sha256("\n".join([*places, str(Path.cwd())]).encode()).hexdigest()[:16]
    folder = os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser()
    return Path(folder, "leeward", f"names-{fleet}.json")


def kept_names() -> tuple[Names | None, bool]:
    """The names, and whether they are fresh. None where there are none, or they are too old to be of use."""
    try:
        file = file_of_names()
        age = time.time() - file.stat().st_mtime
        names: Names = json.loads(file.read_text())
    except (OSError, ValueError, RuntimeError):
        return None, False
    return (names if age < KEPT_SECONDS else None), age < FRESH_SECONDS


def keep_names(names: Names) -> None:
    """Replaces the file; a user without a cache folder goes without."""
    with suppress(OSError, RuntimeError):
        file = file_of_names()
        file.parent.mkdir(parents=True, exist_ok=True)
        unfinished = file.with_suffix(f".{os.getpid()}")
        unfinished.write_text(json.dumps(names))
        unfinished.replace(file)
