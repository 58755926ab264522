"""The accounts of the book, for people: what is wanted of them, what their providers have confirmed, and every step on the way there."""

from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import Engine

from leeward.errors import Conflict, Invalid, NotFound
from storage.accounts import accounts, claims, steps
from storage.accounts.accounts import MOST_LISTED, AccountEntry
from storage.accounts.claims import Overdue
from storage.accounts.state import AccountState, Wanted
from storage.accounts.steps import StepEntry

if TYPE_CHECKING:
    from leeward import Leeward

__all__ = [
    "AccountEntry",
    "AccountRequest",
    "Accounts",
    "Overdue",
    "StepEntry",
    "UnknownAccount",
]

PENDING = (AccountState.PENDING_SYNC, AccountState.EXPIRING, AccountState.FAILED)
"""What a provider has not confirmed."""


class UnknownAccount(NotFound):
    """Raised when the book has no account of this name."""

    code = "account_not_found"


class AccountRequest(NamedTuple):
    """An account, and the job that is to bring about what is wanted of it."""

    account: AccountEntry
    job_id: str


class Accounts:
    """Looks at accounts, asks their providers again, and gives them other ends. Thread-safe.

    Args:
        engine: of PostgreSQL.
        jobs: a client of the fleet.
    """

    def __init__(self, engine: Engine, jobs: "Callable[[], Leeward]") -> None:
        self._engine, self._jobs = engine, jobs

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

    def get(self, user: str, provider: str | None = None) -> AccountEntry:
        """The account of a name, in any case.

        Raises:
            UnknownAccount: the book has none.
            Conflict: several providers have one, and none was named.
        """
        with self._engine.connect() as connection:
            found = accounts.of_user(connection, user, provider)
        if not found:
            where = "" if provider is None else f" at {provider}"
            raise UnknownAccount(
                f"the account book has no {user!r}{where}: it knows accounts with an end, and those that were registered"
            )
        if len(found) > 1:
            names = ", ".join(entry.provider for entry in found)
            raise Conflict(f"several providers have an account {user!r}: say which one, of {names}")
        return found[0]

    def steps(self, account: AccountEntry) -> Sequence[StepEntry]:
        """The latest steps of an account, the oldest of them first."""
        with self._engine.connect() as connection:
            return steps.steps_of(connection, account.provider, account.user)

    def overdue(self, time_allowed: timedelta = timedelta(0)) -> Overdue:
        """Those that ended at least so long ago, and that their provider has not confirmed as disabled since."""
        with self._engine.connect() as connection:
            return claims.overdue(connection, time_allowed)

    def sync(self, account: AccountEntry, *, who: str) -> AccountRequest:
        """Enqueues a job for what is wanted of an account, also where its provider has confirmed it before. The fleet does so by itself for
        accounts that are pending, with growing pauses.

        Args:
            account: as it was read.
            who: for the record.

        Raises:
            LeewardError: the job could not be enqueued; nothing is noted then.
        """
        now = datetime.now(UTC)
        is_over = account.expires_at is not None and account.expires_at <= now
        decided = account._replace(wanted=Wanted.DISABLED) if is_over else account
        return self._enqueue(decided, None, who)

    def extend(
        self,
        account: AccountEntry,
        *,
        who: str,
        by: timedelta | None = None,
        until: datetime | None = None,
        never: bool = False,
    ) -> AccountRequest:
        """Gives an account another end, and enables it where it was disabled. Until its provider has confirmed that it is `pending_sync`.

        Args:
            account: as it was read.
            who: for the record.
            by: so much longer than now planned; where its end is over, so long from now on.
            until: until then.
            never: without an end.

        Raises:
            Invalid: not exactly one of the three is given, or the end would be over.
            Conflict: an account without an end cannot be extended by a span.
            UnknownAccount: it has left the book.
            LeewardError: the job could not be enqueued. The end is noted, and the fleet asks for it by itself.
        """
        if [by is not None, until is not None, never].count(True) != 1:
            raise Invalid("give one of: by how long, until when, or never to end")
        now = datetime.now(UTC)
        end = None if never else _end(account, now, by, until)
        if end is not None and end <= now:
            raise Invalid(f"that end is over: {end.isoformat(timespec='seconds')}")
        with self._engine.begin() as connection:
            if not accounts.extend(connection, account.provider, account.user, end, who=who):
                raise UnknownAccount(f"the account book has no {account.user!r} any more")
        return self._enqueue(account._replace(wanted=Wanted.ENABLED, expires_at=end), end, who)

    def _enqueue(self, account: AccountEntry, expires_at: datetime | None, who: str) -> AccountRequest:
        from actors.accounts.account_jobs import job_for

        job_id = self._jobs().enqueue(job_for(account, expires_at=expires_at), priority="interactive").job_id
        with self._engine.begin() as connection:
            accounts.requested(connection, account, job_id, who=who)
        return AccountRequest(account, job_id)


def _end(account: AccountEntry, now: datetime, by: timedelta | None, until: datetime | None) -> datetime:
    if until is not None:
        if until.tzinfo is None:
            raise Invalid("the end needs a time zone, as 2027-01-31T09:00:00+01:00")
        return until
    assert by is not None
    if account.expires_at is None:
        raise Conflict(f"{account.user!r} has no end: say until when, not by how long")
    return max(account.expires_at, now) + by
