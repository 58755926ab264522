"""The commands of docs/install.md, as they stand there."""

import os
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

from tests.support.processes import ROOT

DOCUMENT = ROOT / "docs" / "install.md"
_BLOCK = re.compile(r"^```sh ([a-z-]+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def block_names() -> list[str]:
    """The labels of all blocks that are run, in the order of the page."""
    return list(dict.fromkeys(name for name, _ in _BLOCK.findall(DOCUMENT.read_text())))


def names_set() -> set[str]:
    """The variables that the page tells its reader to set."""
    (text,) = (code for name, code in _BLOCK.findall(DOCUMENT.read_text()) if name == "names")
    return {line.partition("=")[0] for line in text.splitlines()}


class Machine:
    """A folder in place of a machine, with a reader of the page who sets the names to what is there.

    Attributes:
        names: what the block `names` is replaced by.
    """

    def __init__(self, folder: Path, names: Mapping[str, str], programs: Path, more: Mapping[str, str]) -> None:
        """`programs` comes first in PATH; `more` is what the administrator of PostgreSQL has in the environment."""
        assert set(names) == names_set()
        self.folder = folder
        self.names = dict(names)
        self._environment = {"PATH": f"{programs}:{os.environ['PATH']}", "HOME": str(folder), **more}

    @property
    def settings(self) -> Path:
        return Path(self.names["CONF"])

    def run(self, name: str) -> str:
        """Every block of this label, in one shell that ends at the first command that fails. Returns what they write."""
        blocks = [code for label, code in _BLOCK.findall(DOCUMENT.read_text()) if label == name]
        assert blocks, name
        names = "".join(f"{one}='{value}'\n" for one, value in self.names.items())
        done = subprocess.run(
            ["bash", "-eu", "-o", "pipefail", "-c", names + "".join(blocks)],
            cwd=ROOT,
            env=self._environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=200,
        )
        assert done.returncode == 0, f"{name}: {done.stdout}{done.stderr}"
        return done.stdout

    def variables(self) -> dict[str, str]:
        """What systemd reads from the file of settings."""
        lines = (self.settings / "leeward.env").read_text().splitlines()
        pairs = (line.partition("=") for line in lines)
        return {name: value.removeprefix("'").removesuffix("'") for name, _, value in pairs}
