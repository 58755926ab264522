"""What a process was given: the environment and `leeward.toml`, each read once."""

import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Self

from workers.settings.problem import Problem

PREFIX = "LEEWARD_"
CONFIG = "CONFIG"


@dataclass(frozen=True, slots=True)
class Source:
    """Holds secrets, and is therefore never shown. No part of it is compared: settings are the same wherever they were written.

    Attributes:
        environ: every variable of the process; a secret may be named by any of them (`NAME_env`).
        variables: those of Leeward that are set to something, without prefix. Compose files and unit files write empty ones.
        file: the `leeward.toml`; None where there is none.
        document: what is in it.
        problems: why it could not be read.
    """

    environ: Mapping[str, str] = field(default_factory=dict, repr=False, compare=False)
    variables: Mapping[str, str] = field(default_factory=dict, repr=False, compare=False)
    file: Path | None = field(default=None, compare=False)
    document: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)
    problems: tuple[Problem, ...] = field(default=(), compare=False)

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> Self:
        """Reads the file that `LEEWARD_CONFIG` names."""
        given = {name.removeprefix(PREFIX): text for name, text in environ.items() if name.startswith(PREFIX) and text}
        file = Path(given[CONFIG]) if CONFIG in given else None
        document, problems = ({}, ()) if file is None else _document(file)
        return cls(dict(environ), given, file, document, problems)

    def without(self, variables: Collection[str]) -> Self:
        """The same, as if these variables were not set."""
        return replace(self, variables={name: text for name, text in self.variables.items() if name not in variables})

    def table(self, name: str) -> Mapping[str, Any]:
        """A table of the document; an empty one where it is missing or something else."""
        found = self.document.get(name, {})
        return found if isinstance(found, dict) else {}

    def at(self, *path: str) -> str:
        """How people find a place in the file."""
        dotted = ".".join(f'"{part}"' if "." in part else part for part in path)
        return f"{self.file}: {dotted}" if self.file else dotted


def _document(file: Path) -> tuple[dict[str, Any], tuple[Problem, ...]]:
    try:
        return tomllib.loads(file.read_text()), ()
    except OSError as error:
        return {}, (
            Problem(PREFIX + CONFIG, f"names {file}, which cannot be read ({error.strerror}); make it readable."),
        )
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        return {}, (Problem(str(file), f"is not valid TOML: {error}."),)
