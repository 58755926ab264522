"""Accounts whose state at the provider is not what is wanted: those whose end has come, and those that a job is to enable. They are asked
for, a few at a time and with growing pauses, until the provider has confirmed it.

An account's end is over only when the provider has confirmed, after that end, that it is disabled. The clock is PostgreSQL's.
"""

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, Update, and_, case, func, literal, or_, select, tuple_, update

from storage.accounts import steps
from storage.accounts.rows import LONGEST_TEXT, PENDING, change_of, failure
from storage.accounts.state import AccountState, AccountStep, Wanted
from storage.accounts.tables import UNCONFIRMED, UNCONFIRMED_START, accounts
from storage.payloads.sanitise import beginning

BATCH = 5
FIRST_PAUSE = timedelta(minutes=2)
LONGEST_PAUSE = timedelta(hours=1)
"""Between two times that a job for an account is asked for."""
_DOUBLINGS = 10


class Account(NamedTuple):
    """An account that is taken to be asked for by this process.

    Attributes:
        asks: how often it has been taken, this time included.
        job_id: the job that was asked for last.
        wanted: what a job is to bring about.
    """

    provider: str
    user: str
    expires_at: datetime | None
    asks: int = 1
    job_id: str | None = None
    wanted: Wanted = Wanted.DISABLED


class Overdue(NamedTuple):
    """Accounts that the provider has not confirmed as disabled a while after their end."""

    number: int
    oldest: datetime | None


def due(connection: Connection, now: datetime | None = None) -> list[str]:
    """The providers that have accounts to ask for, sorted. `now` is PostgreSQL's clock when absent."""
    at = _at(now)
    query = select(accounts.c.provider).where(_is_due(at)).distinct().order_by(accounts.c.provider)
    return list(connection.execute(query).scalars())


def claim(
    connection: Connection,
    provider: str,
    now: datetime | None = None,
    *,
    limit: int = BATCH,
    overdue_by: timedelta | None = None,
) -> list[Account]:
    """Takes accounts of a provider to ask for, the longest overdue first.

    Each is taken by one caller at a time, and by no other before its pause is over, so that a caller that dies costs a pause.
    `overdue_by` takes only those that ended so long ago.
    """
    row, at = accounts.c, _at(now)
    wanted = select(row.provider, row.user_key).where(row.provider == provider, _is_due(at))
    if overdue_by is not None:
        wanted = wanted.where(row.expires_at <= at - overdue_by)
    wanted = wanted.order_by(row.expires_at.asc().nulls_last(), row.user_key).limit(limit)
    doubled = FIRST_PAUSE * func.power(2, func.least(row.asks, _DOUBLINGS))
    is_over = func.coalesce(row.expires_at <= at, False)
    change = update(accounts).where(tuple_(row.provider, row.user_key).in_(wanted.with_for_update(skip_locked=True)))
    change = change.values(
        state=case((or_(row.state == AccountState.FAILED, ~is_over), row.state), else_=AccountState.EXPIRING.value),
        wanted=case((is_over, Wanted.DISABLED.value), else_=row.wanted),
        asks=row.asks + 1,
        asked_at=at,
        ask_again_at=at + func.least(doubled, LONGEST_PAUSE),
        updated_at=func.now(),
    )
    found = connection.execute(
        change.returning(row.provider, row.user_name, row.expires_at, row.asks, row.job_id, row.wanted)
    )
    taken = [Account(*one)._replace(wanted=Wanted(one.wanted)) for one in found.fetchall()]
    return sorted(taken, key=lambda account: (account.expires_at is None, account.expires_at, account.user))


def disable_here(connection: Connection, provider: str, why: str, now: datetime | None = None) -> int:
    """Disables every account whose end has come, as far as that can be done while its provider cannot be reached: here. Returns how many.

    Those that a job was asked for are left to it. All are asked for as soon as the provider answers again.
    """
    row, at = accounts.c, _at(now)
    is_done = and_(row.state == AccountState.PENDING_SYNC, row.wanted == Wanted.DISABLED)
    asked_for = row.state.in_([AccountState.EXPIRING, AccountState.EXPIRED, AccountState.FAILED])
    change = update(accounts).where(row.provider == provider, UNCONFIRMED, row.expires_at <= at, ~is_done, ~asked_for)
    change = change.values(
        state=AccountState.PENDING_SYNC.value,
        wanted=Wanted.DISABLED.value,
        job_id=None,
        error=beginning(why, LONGEST_TEXT),
        ask_again_at=None,
        updated_at=func.now(),
    )
    changed = connection.execute(change.returning(row.provider, row.user_name)).fetchall()
    steps.note_all(connection, [(name, user) for name, user in changed], AccountStep.DISABLED_HERE, why=why)
    return len(changed)


def asked(connection: Connection, account: Account, job_id: str) -> None:
    """Notes the job that is to bring about what is wanted of an account."""
    if connection.execute(_unchanged(account).values(job_id=job_id)).rowcount:
        steps.note(
            connection, account.provider, account.user, AccountStep.ASKED, job=job_id, wanted=account.wanted.value
        )


def failed(connection: Connection, account: Account, error: str) -> None:
    """Notes why an account is still not what is wanted of it."""
    if connection.execute(_unchanged(account).values(failure(error))).rowcount:
        steps.note(connection, account.provider, account.user, AccountStep.FAILED, error=error)


def overdue(connection: Connection, patience: timedelta, now: datetime | None = None) -> Overdue:
    """How many accounts ended more than `patience` ago and are not confirmed as disabled."""
    query = select(func.count(), func.min(accounts.c.expires_at)).where(
        UNCONFIRMED, accounts.c.expires_at <= _at(now) - patience
    )
    return Overdue(*connection.execute(query).one())


def _at(now: datetime | None) -> ColumnElement[datetime]:
    return func.now() if now is None else literal(now)


def _is_due(at: ColumnElement[datetime]) -> ColumnElement[bool]:
    row = accounts.c
    # A pause that no clock of now can have made is over.
    rested = or_(row.ask_again_at.is_(None), row.ask_again_at <= at, row.ask_again_at > at + LONGEST_PAUSE)
    # A job that was enqueued just now is at it.
    start = and_(UNCONFIRMED_START, row.updated_at <= at - FIRST_PAUSE)
    return and_(rested, or_(and_(UNCONFIRMED, row.expires_at <= at), start))


def _unchanged(account: Account) -> Update:
    """The account, unless it was given another end, confirmed or decided otherwise since it was taken."""
    row = accounts.c
    return change_of(account.provider, account.user).where(
        row.expires_at.is_not_distinct_from(account.expires_at), row.wanted == account.wanted, PENDING
    )
