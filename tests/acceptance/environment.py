"""An environment as a user makes it: the contract's wheel, the fleet's, those of some extensions, and what they need."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
UV = Path(sys.executable).with_name("uv")
# uv by itself knows no certificates but its own: a registry behind a company's is then out of reach.
TRUSTING = {"UV_SYSTEM_CERTS": "true", "UV_PYTHON_DOWNLOADS": "never"}
LOCKED = ROOT / "requirements" / "demo.txt"


class Environment:
    """A virtual environment outside the repository, with the fleet from its wheels, the embedded servers, and no extension yet."""

    def __init__(self, folder: Path) -> None:
        """Installs as `docs/install.md` says, but in the versions that are locked: what the index has today decides nothing."""
        self.folder = folder
        _run(UV, "venv", "--python", sys.executable, folder / "venv")
        wheels = folder / "wheels"
        for project in (ROOT / "schemas", ROOT):
            _build(project, wheels)
        self._pip("install", "--find-links", wheels, "--constraint", LOCKED, "leeward-fleet[embedded]")

    @property
    def python(self) -> Path:
        return self.folder / "venv" / "bin" / "python"

    @property
    def leeward(self) -> Path:
        return self.folder / "venv" / "bin" / "leeward"

    def install(self, *projects: Path) -> None:
        """Builds the wheels of some projects and installs them."""
        self._pip("install", "--no-deps", *(self._wheel(project) for project in projects))
        self._pip("check")

    def uninstall(self, distribution: str) -> None:
        self._pip("uninstall", distribution)

    def prepare_for_tests(self) -> None:
        """Installs what else the author of an extension has for tests: pytest."""
        self._pip("install", "pytest")

    def _wheel(self, project: Path) -> Path:
        wheels = self.folder / "extensions" / project.name
        _build(project, wheels)
        (wheel,) = wheels.glob("*.whl")
        return wheel

    def _pip(self, command: str, *arguments: str | Path) -> None:
        _run(UV, "pip", command, "--python", self.python, *arguments)


def _build(project: Path, wheels: Path) -> None:
    _run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", wheels, cwd=project)


def _run(*command: str | Path, cwd: Path | None = None) -> None:
    done = subprocess.run(
        command, cwd=cwd, env=os.environ | TRUSTING, capture_output=True, text=True, check=False, timeout=200
    )
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
