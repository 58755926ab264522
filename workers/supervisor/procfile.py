"""Reads a Procfile: one `name: command` a line, in the order in which they start."""

import re
import shlex
from collections.abc import Mapping

from leeward.errors import NotReady

_LINE = re.compile(r"^([A-Za-z0-9_-]+):\s*(\S.*)$")


class InvalidProcfile(NotReady):
    """Raised when a Procfile cannot be understood.

    Attributes:
        line: the number of the line, from 1; 0 for the file as a whole.
    """

    code = "invalid_procfile"

    def __init__(self, line: int, problem: str) -> None:
        super().__init__(f"Procfile, line {line}: {problem}" if line else f"Procfile: {problem}")
        self.line = line


def read_procfile(text: str) -> Mapping[str, tuple[str, ...]]:
    """Name -> command, split as a shell would but never given to one. Empty lines and `#` comments are left out.

    Raises:
        InvalidProcfile: naming the line and what is wrong with it.
    """
    commands: dict[str, tuple[str, ...]] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        name, command = _parse(number, line)
        if name in commands:
            raise InvalidProcfile(number, f"`{name}` occurs twice; give each process a different name.")
        commands[name] = command
    if not commands:
        raise InvalidProcfile(0, "it names no process; write one `name: command` a line.")
    return commands


def _parse(number: int, line: str) -> tuple[str, tuple[str, ...]]:
    match = _LINE.match(line.strip())
    if match is None:
        raise InvalidProcfile(
            number, f"`{line.strip()}` is not `name: command` (letters, digits, - and _ in the name)."
        )
    try:
        return match[1], tuple(shlex.split(match[2]))
    except ValueError as mistake:
        raise InvalidProcfile(number, f"`{match[2]}` cannot be split into words: {mistake}.") from mistake
