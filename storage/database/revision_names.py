"""The names of this release's migrations. Reads the names of files, and imports nothing that a database needs."""

from functools import cache
from pathlib import Path

MIGRATIONS = Path(__file__).parents[1] / "migrations"


@cache
def revisions() -> tuple[str, ...]:
    """This release's revisions, oldest first. A migration's file is named after its revision: `0004_pre_groups.py` is `0004`."""
    return tuple(sorted(file.name.partition("_")[0] for file in MIGRATIONS.glob("versions/[0-9]*_*.py")))
