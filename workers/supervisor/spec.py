"""What the supervisor is asked to keep running."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessSpec:
    """One process.

    Attributes:
        name: in logs; unique in a supervisor.
        argv: the command; never goes through a shell.
        env: its whole environment, or None for ours.
        cwd: its folder, or None for ours.
        is_ready: asked until it says yes; only then the next process of the list is started. None: ready when started.
    """

    name: str
    argv: tuple[str, ...]
    env: Mapping[str, str] | None = None
    cwd: Path | None = None
    is_ready: Callable[[], bool] | None = None
