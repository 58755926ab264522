"""How many sessions with a relay may be open in the whole fleet: the seam to whoever counts them."""

from collections.abc import Collection
from typing import Protocol


class SessionPermits(Protocol):
    """Counts sessions over every process that sends through the same relay. Safe to use from any number of threads."""

    def acquire(self, session: str) -> bool:
        """Whether this session may be opened now. If not, the others are told that somebody waits."""
        ...

    def keep(self, sessions: Collection[str]) -> bool:
        """Says that these are still open; whether another process waits for one."""
        ...

    def release(self, session: str) -> None:
        """Says that a session is closed. Raises nothing: what is not said runs out."""
        ...


class Unlimited:
    """Where nobody counts, as in a script of its own."""

    def acquire(self, session: str) -> bool:
        return True

    def keep(self, sessions: Collection[str]) -> bool:
        return False

    def release(self, session: str) -> None:
        pass
