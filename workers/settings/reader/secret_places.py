"""Secrets that are kept elsewhere: in a file, as Docker and systemd hand them over, or in a variable of any name."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from workers.settings.problem import Problem

FROM_FILE = "_file"
FROM_ENV = "_env"


class Unreadable(Exception):
    """Raised when a setting cannot be taken from where it is said to be.

    Attributes:
        problem: what is wrong, and what to do.
    """

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


def secret_in_file(label: str, path: Any) -> str:
    """The text of a file without its last line break.

    Raises:
        Unreadable: it cannot be read, or is empty.
    """
    try:
        text = Path(path).read_text().rstrip("\r\n")
    except (OSError, UnicodeDecodeError, TypeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        raise Unreadable(Problem(label, f"names {path}, which cannot be read ({reason}); make it readable.")) from None
    if not text:
        raise Unreadable(Problem(label, f"names {path}, which is empty; write the secret into it."))
    return text


def secret_in_variable(label: str, name: Any, environ: Mapping[str, str]) -> str:
    """The value of a variable.

    Raises:
        Unreadable: it is not set, or is empty.
    """
    text = environ.get(name) if isinstance(name, str) else None
    if not text:
        raise Unreadable(Problem(label, f"names the variable {name}, which is not set; set it to the secret."))
    return text
