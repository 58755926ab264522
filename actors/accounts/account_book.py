"""Which accounts are wanted until when, what providers have confirmed of it, and every step of that, kept in PostgreSQL."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from leeward.extension import Resource, current_job
from leeward.jobs.register.account import RegisterAccount
from leeward.jobs.sync.user import SyncUser, UserState

if TYPE_CHECKING:
    from storage.accounts.claims import Account, Overdue

PATIENCE = timedelta(hours=1)
"""How long after its expiry an account that is not confirmed as disabled is reported as overdue."""


class AccountBook(Resource):
    """Loads SQLAlchemy when it is opened: most worker processes never need it, and it takes half a second. Connects on first use.

    Every method raises sqlalchemy.exc.SQLAlchemyError while PostgreSQL cannot be reached.
    """

    def open(self) -> None:
        from storage.database.engine import create_engine

        if self.context.database_url is None:
            raise LookupError("accounts are kept in PostgreSQL: set LEEWARD_DATABASE_URL")
        self._engine = create_engine(self.context.database_url.get_secret_value(), pool_size=2)

    def close(self) -> None:
        self._engine.dispose()

    def answers(self) -> None:
        """Asks the database for nothing."""
        with self._engine.connect() as connection:
            connection.exec_driver_sql("SELECT 1")

    def record(self, job: SyncUser, state: UserState) -> None:
        """Notes until when a job's account is to be there, before its provider is asked."""
        from storage.accounts import accounts
        from storage.accounts.state import Wanted

        running = current_job()
        wanted = Wanted.ENABLED if state is UserState.ENABLED else Wanted.DISABLED
        with self._writing() as connection:
            accounts.record(
                connection,
                job.provider,
                job.user,
                job.expires_at,
                wanted=wanted,
                job_id=None if running is None else running.id,
            )

    def confirm(self, job: SyncUser, state: UserState, *, exists: bool, took: timedelta) -> None:
        """Notes what the provider, asked `took` ago, has said of a job's account."""
        from storage.accounts import accounts

        with self._writing() as connection:
            if state is UserState.DELETED:
                accounts.remove(connection, job.provider, job.user)
            elif state is UserState.ENABLED and not exists:
                why = f"{job.provider} has no account of this name: replay the dead letter of its job, or register it again"
                accounts.missing(connection, job.provider, job.user, why)
            else:
                accounts.confirm(connection, job.provider, job.user, disabled=state is UserState.DISABLED, took=took)

    def tried(self, job: SyncUser, error: str) -> None:
        """Notes that the provider was asked, and failed; of an account that the book has."""
        from storage.accounts import steps
        from storage.accounts.state import AccountStep

        running = current_job()
        attempt = None if running is None else running.delivery
        with self._writing() as connection:
            steps.note_if_known(connection, job.provider, job.user, AccountStep.TRIED, attempt=attempt, error=error)

    def register(self, job: RegisterAccount, *, key: str, cancel: Callable[[str], object]) -> None:
        """Notes a registration, before anything is asked of its server; with the same key once. The job that was at the account before is
        cancelled before that is so: a registration that stops in between cancels it when it runs again.
        """
        from storage.accounts import registrations
        from storage.accounts.state import Wanted

        wanted = Wanted.ENABLED if job.approved else Wanted.DISABLED
        with self._writing() as connection:
            before = registrations.register(connection, job.server, job.user, job.expires_at, wanted=wanted, key=key)
            if before is not None:
                cancel(before)

    def enqueued(self, job: RegisterAccount, job_id: str) -> None:
        """Notes the job that brings a registered account about; once."""
        from storage.accounts import registrations

        with self._writing() as connection:
            registrations.enqueued(connection, job.server, job.user, job_id)

    def approve(self, job: RegisterAccount, job_id: str, *, not_confirmed: str | None = None) -> None:
        """Notes that a registration was approved: by its server, or here, with the reason."""
        from storage.accounts import registrations
        from storage.accounts.state import AccountStep

        step = AccountStep.APPROVED if not_confirmed is None else AccountStep.APPROVED_HERE
        with self._writing() as connection:
            registrations.approve(connection, job.server, job.user, step, job_id=job_id, why=not_confirmed)

    def refuse(self, job: RegisterAccount, why: str) -> None:
        """Notes that a registration's server refused it for good."""
        from storage.accounts import registrations

        with self._writing() as connection:
            registrations.refuse(connection, job.server, job.user, why)

    def due(self) -> list[str]:
        """See `storage.accounts.claims.due`."""
        from storage.accounts import claims

        with self._engine.connect() as connection:
            return claims.due(connection)

    def claim(self, provider: str, *, overdue: bool = False) -> "list[Account]":
        """See `storage.accounts.claims.claim`. `overdue`: only accounts that ended more than `PATIENCE` ago."""
        from storage.accounts import claims

        with self._writing() as connection:
            return claims.claim(connection, provider, overdue_by=PATIENCE if overdue else None)

    def disable_here(self, provider: str, why: str) -> int:
        """See `storage.accounts.claims.disable_here`."""
        from storage.accounts import claims

        with self._writing() as connection:
            return claims.disable_here(connection, provider, why)

    def asked(self, account: "Account", job_id: str) -> None:
        """Notes the job that is to bring about what is wanted of an account."""
        from storage.accounts import claims

        with self._writing() as connection:
            claims.asked(connection, account, job_id)

    def failed(self, account: "Account", error: str) -> None:
        """Notes why an account is still not what is wanted of it."""
        from storage.accounts import claims

        with self._writing() as connection:
            claims.failed(connection, account, error)

    def overdue(self) -> "Overdue":
        """Accounts that ended more than `PATIENCE` ago and are not confirmed as disabled."""
        from storage.accounts import claims

        with self._engine.connect() as connection:
            return claims.overdue(connection, PATIENCE)

    def _writing(self) -> AbstractContextManager[Any]:
        """A connection in a transaction."""
        return self._engine.begin()
