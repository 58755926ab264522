"""What a worker process has opened for several providers together."""

import threading
from typing import TypeVar

import structlog

from leeward.extension import Context, Resource
from leeward.redaction import cleaned

R = TypeVar("R", bound=Resource)

_log = structlog.get_logger(__name__)


class OpenedResources:
    """Opens a resource when it is asked for first. Thread-safe; one that is slow to open holds up those alone that ask for it.

    Args:
        kinds: the classes that the installed extensions name.
        context: what they are made with.
    """

    def __init__(self, kinds: tuple[type[Resource], ...], context: Context) -> None:
        self._context = context
        self._locks = {kind: threading.Lock() for kind in kinds}
        self._opened: dict[type[Resource], Resource] = {}

    def get(self, kind: type[R]) -> R:
        """Raises:
        LookupError: no installed extension names it.
        Exception: it cannot be opened; the next call tries again.
        """
        found = self._opened.get(kind)
        if found is None:
            found = self._open(kind)
        assert isinstance(found, kind)
        return found

    def _open(self, kind: type[Resource]) -> Resource:
        lock = self._locks.get(kind)
        if lock is None:
            raise LookupError(
                f"no installed extension brings the resource {kind.__name__}: name it in Extension(resources=[...])"
            )
        with lock:
            if kind not in self._opened:
                made = kind(self._context)
                made.open()
                self._opened[kind] = made
            return self._opened[kind]

    def close(self) -> None:
        for kind, resource in list(self._opened.items()):
            try:
                resource.close()
            except Exception as error:  # the others are not to blame
                _log.warning(
                    "resource_not_closed", resource=kind.__name__, error=cleaned(f"{type(error).__name__}: {error}")
                )
