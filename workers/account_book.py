"""Which accounts expire when and what providers have confirmed of it, kept in PostgreSQL, as the actors need it."""

import threading
from datetime import timedelta
from typing import TYPE_CHECKING

from leeward.sync_user import SyncUser
from workers.settings import Settings

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from storage.accounts import Account, Overdue

PATIENCE = timedelta(hours=1)
"""How long after its expiry an account that is not confirmed as disabled is reported as overdue."""


class AccountBook:
    """Thread-safe. Loads SQLAlchemy and connects on first use: most worker processes never need it, and it takes half a second.

    Every method raises sqlalchemy.exc.SQLAlchemyError while PostgreSQL cannot be reached.
    """

    def __init__(self, settings: Settings) -> None:
        assert settings.database_url is not None, "an account book needs a database"
        self._url = settings.database_url
        self._opening = threading.Lock()
        self._opened: Engine | None = None

    def record(self, job: SyncUser) -> None:
        """Notes until when a job's account is to be there, before its provider is asked."""
        from storage import accounts

        with self._engine().begin() as connection:
            accounts.record(connection, job.provider, job.user, job.expires_at)

    def confirm(self, job: SyncUser, *, disabled: bool, took: timedelta) -> None:
        """Notes what the provider, asked `took` ago, has said of a job's account."""
        from storage import accounts

        with self._engine().begin() as connection:
            accounts.confirm(connection, job.provider, job.user, disabled=disabled, took=took)

    def claim(self) -> "list[Account]":
        """See `storage.accounts.claim`."""
        from storage import accounts

        with self._engine().begin() as connection:
            return accounts.claim(connection)

    def asked(self, account: "Account", job_id: str) -> None:
        """Notes the job that is to disable an account."""
        from storage import accounts

        with self._engine().begin() as connection:
            accounts.asked(connection, account, job_id)

    def failed(self, account: "Account", error: str) -> None:
        """Notes why an account is still not disabled."""
        from storage import accounts

        with self._engine().begin() as connection:
            accounts.failed(connection, account, error)

    def overdue(self) -> "Overdue":
        """Accounts that ended more than `PATIENCE` ago and are not confirmed as disabled."""
        from storage import accounts

        with self._engine().begin() as connection:
            return accounts.overdue(connection, PATIENCE)

    def _engine(self) -> "Engine":
        from storage.engine import create_engine

        with self._opening:
            if self._opened is None:
                self._opened = create_engine(self._url.get_secret_value(), pool_size=2)
            return self._opened
