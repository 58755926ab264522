"""`leeward up` as a process, with servers of its own in a folder of its own."""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from console.cli.exit_code import Failed
from demo.processes.child import Child

COMMAND = Path(sys.executable).with_name("leeward")


class Fleet:
    """Valkey, PostgreSQL, workers and scheduler.

    Attributes:
        env: the environment of its commands.
    """

    def __init__(self, *, folder: Path, env: Mapping[str, str]) -> None:
        self.env = env
        self.child = Child("fleet", [COMMAND, "up", "--json"], log=folder / "fleet.log", env=env)
        self._log = self.child.log.open(encoding="utf-8", errors="replace")
        self._unfinished = ""

    def __enter__(self) -> Self:
        self.child.__enter__()
        return self

    def await_readiness(self) -> None:
        """Raises: Failed: it ended instead."""
        if not self.child.answers.readline():
            raise Failed(f"the fleet did not start: {self.child.last_words()}")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.child.__exit__(kind, error, trace)
        self._log.close()

    def news(self) -> Iterator[dict[str, Any]]:
        """The lines of its log since the last time."""
        *lines, self._unfinished = (self._unfinished + self._log.read()).split("\n")
        for line in lines:
            if line.startswith("{"):
                yield json.loads(line)

    def command(self, *arguments: str, capture: bool = False) -> "subprocess.CompletedProcess[str]":
        """Runs `leeward` with these arguments against this fleet; what it says goes where ours goes, or is captured."""
        return subprocess.run(
            [COMMAND, *arguments],
            env=self.env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE if capture else None,
            stderr=subprocess.STDOUT if capture else None,
            text=True,
            check=False,
        )
