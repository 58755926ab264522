"""The files of the house, as they are on the disk."""

from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
ROOMS = (
    *("actors", "bench", "broker", "console", "demo", "leeward_admin", "middleware", "providers"),
    *("schemas", "script", "simulators", "storage", "tests", "workers"),
)


def files(*suffixes: str) -> Iterator[Path]:
    """Paths below the root, of these endings."""
    for room in ROOMS:
        for path in (ROOT / room).rglob("*"):
            if path.suffix in suffixes and "__pycache__" not in path.parts:
                yield path.relative_to(ROOT)
