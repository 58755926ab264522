"""Which processes `leeward up` keeps running."""

from collections.abc import Mapping
from pathlib import Path

from workers.settings.settings import Settings
from workers.supervisor.procfile import read_procfile

USUAL: Mapping[str, tuple[str, ...]] = {"worker": ("leeward", "worker"), "scheduler": ("leeward", "scheduler")}
"""Where there is no Procfile."""
HERE = Path("Procfile")
"""Of the current folder, as for other programs that read Procfiles."""
_RELAY = ("leeward", "outbox", "relay")


def commands(settings: Settings, procfile: Path | None = None) -> dict[str, tuple[str, ...]]:
    """Name -> command: those of a Procfile, else the usual ones; and the relay of a producer's outbox, where one is configured.

    Raises:
        InvalidProcfile: it cannot be understood.
        OSError: it cannot be read.
    """
    relay = {"outbox": _RELAY} if settings.outbox_database_url else {}
    return {**relay, **_written(procfile)}


def _written(procfile: Path | None) -> Mapping[str, tuple[str, ...]]:
    if procfile is None and not HERE.exists():
        return USUAL
    return read_procfile((procfile or HERE).read_text(encoding="utf-8"))
