"""Which accounts expire when and what providers have confirmed of it, kept in PostgreSQL."""

from datetime import timedelta
from typing import TYPE_CHECKING

from leeward.extension import Resource
from leeward.jobs.sync.user import SyncUser

if TYPE_CHECKING:
    from storage.accounts.accounts import Account, Overdue

PATIENCE = timedelta(hours=1)
"""How long after its expiry an account that is not confirmed as disabled is reported as overdue."""


class AccountExpiries(Resource):
    """Loads SQLAlchemy when it is opened: most worker processes never need it, and it takes half a second. Connects on first use.

    Every method raises sqlalchemy.exc.SQLAlchemyError while PostgreSQL cannot be reached.
    """

    def open(self) -> None:
        from storage.database.engine import create_engine

        if self.context.database_url is None:
            raise LookupError("account expiries are kept in PostgreSQL: set LEEWARD_DATABASE_URL")
        self._engine = create_engine(self.context.database_url.get_secret_value(), pool_size=2)

    def close(self) -> None:
        self._engine.dispose()

    def record(self, job: SyncUser) -> None:
        """Notes until when a job's account is to be there, before its provider is asked."""
        from storage.accounts import accounts

        with self._engine.begin() as connection:
            accounts.record(connection, job.provider, job.user, job.expires_at)

    def confirm(self, job: SyncUser, *, disabled: bool, took: timedelta) -> None:
        """Notes what the provider, asked `took` ago, has said of a job's account."""
        from storage.accounts import accounts

        with self._engine.begin() as connection:
            accounts.confirm(connection, job.provider, job.user, disabled=disabled, took=took)

    def claim(self) -> "list[Account]":
        """See `storage.accounts.accounts.claim`."""
        from storage.accounts import accounts

        with self._engine.begin() as connection:
            return accounts.claim(connection)

    def asked(self, account: "Account", job_id: str) -> None:
        """Notes the job that is to disable an account."""
        from storage.accounts import accounts

        with self._engine.begin() as connection:
            accounts.asked(connection, account, job_id)

    def failed(self, account: "Account", error: str) -> None:
        """Notes why an account is still not disabled."""
        from storage.accounts import accounts

        with self._engine.begin() as connection:
            accounts.failed(connection, account, error)

    def overdue(self) -> "Overdue":
        """Accounts that ended more than `PATIENCE` ago and are not confirmed as disabled."""
        from storage.accounts import accounts

        with self._engine.begin() as connection:
            return accounts.overdue(connection, PATIENCE)
