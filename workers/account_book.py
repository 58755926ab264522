"""Which accounts expire when, kept in PostgreSQL, as the actors need it."""

from datetime import datetime

from leeward.sync_user import SyncUser
from storage import accounts
from storage.engine import create_engine
from workers.settings import Settings


class AccountBook:
    """Thread-safe. Connects on first use."""

    def __init__(self, settings: Settings) -> None:
        assert settings.database_url is not None, "an account book needs a database"
        self._engine = create_engine(settings.database_url.get_secret_value(), pool_size=2)

    def record(self, job: SyncUser) -> None:
        """Notes until when a job's account is to be there.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: PostgreSQL is away; the job is tried again.
        """
        with self._engine.begin() as connection:
            accounts.record(connection, job.provider, job.user, job.expires_at)

    def due(self, now: datetime) -> list[accounts.Account]:
        with self._engine.connect() as connection:
            return accounts.due(connection, now)

    def mark_expired(self, account: accounts.Account) -> None:
        with self._engine.begin() as connection:
            accounts.mark_expired(connection, account)
