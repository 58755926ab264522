"""What the fleet offers to the providers and resources of an extension."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from pydantic import SecretStr

from leeward.extension.calls.calls import Calls
from leeward.extension.health import Health


class SessionPermits(Protocol):
    """Bounds the sessions that all worker processes have open with one instance at once, by the instance's `limit`. Any method may raise
    while Valkey cannot be reached: then open no session.
    """

    def acquire(self, session: str) -> bool:
        """Whether this session, named by the caller, may be opened."""

    def keep(self, sessions: Collection[str]) -> bool:
        """Renews the permits of open sessions; call it every few seconds. Returns whether another process waits for a permit."""

    def release(self, session: str) -> None:
        """Gives a permit back."""


def _no_resource(kind: type[Any]) -> Any:
    raise LookupError(f"there is no {kind.__name__} here: name it in Extension(resources=[...])")


def _unknown(_: str) -> Health | None:
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """All that is in it exists in a worker. In a test, or in `leeward check`, the defaults stand for what is missing.

    Attributes:
        database_url: the fleet's PostgreSQL, where it has one.
        templates: the folders of templates of all extensions; the first folder that has a name gives it.
        sessions: bounds sessions in the whole fleet; None: unbounded.
        resources: gives a resource of the process, see `Provider.resource`.
        call: every call of the service is made within one of these, so that it is measured, has a total time, and its error knows whose it
            is: `with self.context.call("create_user"): ...`. See `Calls`.
        health: checks another instance now, before something is begun that needs it; None where this process does not know that instance.
    """

    database_url: SecretStr | None = field(default=None, repr=False)
    templates: tuple[Path, ...] = ()
    sessions: SessionPermits | None = None
    resources: Callable[[type[Any]], Any] = _no_resource
    call: Calls = field(default_factory=Calls, repr=False)
    health: Callable[[str], Health | None] = _unknown
