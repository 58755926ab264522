"""Which accounts expire when, kept in PostgreSQL, as the actors need it."""

import threading
from datetime import datetime
from typing import TYPE_CHECKING

from leeward.sync_user import SyncUser
from workers.settings import Settings

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from storage.accounts import Account


class AccountBook:
    """Thread-safe. Loads SQLAlchemy and connects on first use: most worker processes never need it, and it takes half a second."""

    def __init__(self, settings: Settings) -> None:
        assert settings.database_url is not None, "an account book needs a database"
        self._url = settings.database_url
        self._opening = threading.Lock()
        self._opened: Engine | None = None

    def record(self, job: SyncUser) -> None:
        """Notes until when a job's account is to be there.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: PostgreSQL is away; the job is tried again.
        """
        from storage import accounts

        with self._engine().begin() as connection:
            accounts.record(connection, job.provider, job.user, job.expires_at)

    def due(self, now: datetime) -> "list[Account]":
        """The accounts whose time is over.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: PostgreSQL is away.
        """
        from storage import accounts

        with self._engine().connect() as connection:
            return accounts.due(connection, now)

    def mark_expired(self, account: "Account") -> None:
        """Notes that an account's end is seen to.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: PostgreSQL is away.
        """
        from storage import accounts

        with self._engine().begin() as connection:
            accounts.mark_expired(connection, account)

    def _engine(self) -> "Engine":
        from storage.engine import create_engine

        with self._opening:
            if self._opened is None:
                self._opened = create_engine(self._url.get_secret_value(), pool_size=2)
            return self._opened
