"""The `leeward` command as a process, with servers of the test."""

import json
import os
import pty
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from console.cli.exit_code import ExitCode
from tests.acceptance.console.forked import run_forked

LEEWARD = Path(sys.executable).with_name("leeward")
TIMEOUT_SECONDS = 60


class Answer(NamedTuple):
    code: int
    out: str
    err: str

    def json(self) -> Any:
        """The one document that is the answer."""
        return json.loads(self.out)

    def lines(self) -> list[Any]:
        """The answer as JSON Lines."""
        return [json.loads(line) for line in self.out.splitlines()]


class Command:
    """Runs `leeward` with the environment of a machine of the fleet."""

    def __init__(self, environment: Mapping[str, str], folder: Path) -> None:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("LEEWARD_")}
        self.environment = inherited | {"TERM": "xterm"} | dict(environment)
        self.folder = folder

    def __call__(self, *arguments: object, stdin: str = "", expect: ExitCode = ExitCode.OK) -> Answer:
        """A forked process: see `forked`. `installed` is the program that people start."""
        with TemporaryDirectory() as folder:
            streams = (Path(folder, "stdin"), Path(folder, "stdout"), Path(folder, "stderr"))
            for file, text in zip(streams, (stdin, "", ""), strict=True):
                file.write_text(text)
            code = run_forked(
                [*map(str, arguments)],
                streams=streams,
                env=self.environment,
                cwd=self.folder,
                timeout=TIMEOUT_SECONDS,
            )
            return _checked(Answer(code, streams[1].read_text(), streams[2].read_text()), expect)

    def installed(self, *arguments: object, stdin: str = "", expect: ExitCode = ExitCode.OK) -> Answer:
        """The program from its very start, with pipes for streams."""
        ended = subprocess.run(
            [LEEWARD, *map(str, arguments)],
            input=stdin,
            capture_output=True,
            text=True,
            env=self.environment,
            cwd=self.folder,
            timeout=TIMEOUT_SECONDS,
            check=False,
        )
        return _checked(Answer(ended.returncode, ended.stdout, ended.stderr), expect)

    def on_a_terminal(self, *arguments: object, columns: int = 120, typed: str = "") -> tuple[int, str]:
        """The exit code and everything that arrived at the terminal, what was typed included."""
        reading, writing = pty.openpty()
        environment = self.environment | {"COLUMNS": str(columns), "TERM": "xterm"}
        process = subprocess.Popen(
            [LEEWARD, *map(str, arguments)],
            stdin=writing,
            stdout=writing,
            stderr=writing,
            env=environment,
            cwd=self.folder,
        )
        os.close(writing)
        os.write(reading, typed.encode())
        shown = b""
        try:
            while part := os.read(reading, 65_536):
                shown += part
        except OSError:  # the terminal's way to say that nobody writes any more
            pass
        finally:
            os.close(reading)
        return process.wait(TIMEOUT_SECONDS), shown.decode(errors="replace")


def _checked(answer: Answer, expect: ExitCode) -> Answer:
    assert answer.code == expect, answer
    assert "Traceback" not in answer.err
    return answer
