"""The accounts with a recorded expiry, for people."""

from collections.abc import Collection
from datetime import timedelta

from sqlalchemy import Engine

from storage.accounts import accounts, claims
from storage.accounts.accounts import MOST_LISTED, AccountEntry
from storage.accounts.claims import Overdue
from storage.accounts.state import AccountState

__all__ = [
    "AccountEntry",
    "Accounts",
    "Overdue",
]


class Accounts:
    """Looks at accounts. Thread-safe."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def list(
        self, states: Collection[AccountState] = (), *, provider: str | None = None, limit: int = MOST_LISTED
    ) -> list[AccountEntry]:
        """Accounts, those that end first, or ended longest ago, first.

        Args:
            states: only these; all of them when empty.
            provider: only this one's.
            limit: how many at most.
        """
        with self._engine.connect() as connection:
            return accounts.listed(connection, states=states, provider=provider, limit=limit)

    def overdue(self, patience: timedelta = timedelta(0)) -> Overdue:
        """Those that ended at least so long ago, and that their provider has not confirmed as disabled since."""
        with self._engine.connect() as connection:
            return claims.overdue(connection, patience)
