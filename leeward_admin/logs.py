"""What a command of ours logs: to standard error, as the configuration says."""

import logging
import sys
from collections.abc import Callable, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from types import ModuleType
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from workers.settings.settings import Settings

__all__ = ["log_as_configured", "log_errors_only"]


def log_errors_only(settings: "Settings") -> None:
    """For a command that answers and ends: its answer says what there is to say.

    Few commands import anything that logs, and structlog takes as long to import as they run: it is configured when it is imported.
    """

    def configure_now() -> None:
        from workers.processes.logs import configure

        configure(level="ERROR", form=settings.log_format)

    if "structlog" in sys.modules:
        configure_now()
    else:
        # Until then no library of ours may write to standard error by itself.
        logging.getLogger().addHandler(logging.NullHandler())
        sys.meta_path.insert(0, _AfterImport("structlog", configure_now))


def log_as_configured(settings: "Settings", *, form: Literal["auto", "json", "text"] | None = None) -> "Settings":
    """For a process that runs until it is stopped. The settings that it and its children run with, in which `form` is chosen."""
    from workers.processes.logs import configure

    chosen = form or settings.log_format
    configure(level=settings.log_level, form=chosen)
    return settings.model_copy(update={"log_format": chosen})


class _AfterImport(MetaPathFinder):
    """Calls `then` once, when a module has been imported for the first time."""

    def __init__(self, name: str, then: Callable[[], None]) -> None:
        self._name = name
        self._then = then

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname != self._name or self not in sys.meta_path:
            return None
        sys.meta_path.remove(self)
        spec = find_spec(fullname)
        if spec is not None and spec.loader is not None:
            spec.loader = _ThenLoader(spec.loader, self._then)
        return spec


class _ThenLoader(Loader):
    def __init__(self, loader: Loader, then: Callable[[], None]) -> None:
        self._loader = loader
        self._then = then

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        self._loader.exec_module(module)
        self._then()
