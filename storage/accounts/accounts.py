"""The table `accounts`: who has an account at which provider, until when, and what the provider has confirmed of it. A user's name counts
whatever its case.

An account's end is over only when the provider has confirmed, after that end, that it is disabled. Until then it is asked for again, with
growing pauses. The clock is PostgreSQL's.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, Update, case, func, literal, or_, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert

from storage.accounts.state import AccountState
from storage.payloads.sanitise import beginning
from storage.tables import UNCONFIRMED, accounts

BATCH = 500
FIRST_PAUSE = timedelta(minutes=2)
LONGEST_PAUSE = timedelta(hours=1)
"""Between two times that a job to disable an account is asked for."""
ERROR_LIMIT = 500
_DOUBLINGS = 10


class Account(NamedTuple):
    """An account whose end has come, taken to be asked for by this process.

    Attributes:
        asks: how often its end has been taken up, this time included.
        job_id: the job that was asked for last.
    """

    provider: str
    user: str
    expires_at: datetime
    asks: int = 1
    job_id: str | None = None


class AccountEntry(NamedTuple):
    """An account as people see it.

    Attributes:
        asks: how often its end has been taken up since it came.
        asked_at: when that was last.
        confirmed_at: when the provider last said what is so.
        error: why the latest job to disable it did not.
    """

    provider: str
    user: str
    state: AccountState
    expires_at: datetime | None
    asks: int
    asked_at: datetime | None
    confirmed_at: datetime | None
    job_id: str | None
    error: str | None


class Overdue(NamedTuple):
    """Accounts that the provider has not confirmed as disabled a while after their end."""

    number: int
    oldest: datetime | None


def record(connection: Connection, provider: str, user: str, expires_at: datetime | None) -> None:
    """Notes that an account is to be there, and when it ends: None for never. Replaces what was noted before.

    To be called before the provider is asked; `confirm` follows.

    Raises:
        ValueError: a time without a zone.
    """
    if expires_at is not None and expires_at.tzinfo is None:
        raise ValueError("expires_at needs a time zone: use datetime.now(UTC) + ...")
    values = {"provider": provider, "user_name": user, "expires_at": expires_at} | _reset(AccountState.PENDING_SYNC)
    statement = insert(accounts).values(values)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=[accounts.c.provider, accounts.c.user_key], set_=values | {"updated_at": func.now()}
        )
    )


def confirm(connection: Connection, provider: str, user: str, *, disabled: bool, took: timedelta) -> bool:
    """Notes what the provider said of an account. False when none is noted here.

    Args:
        connection: in a transaction.
        provider: whose account.
        user: whose account.
        disabled: it is disabled now; enabled otherwise.
        took: how long ago the provider was asked: what was true before an account's end says nothing about the time after it.
    """
    state = AccountState.DISABLED if disabled else AccountState.ACTIVE
    change = _one(provider, user).values(**_reset(state), confirmed_at=func.now() - took, updated_at=func.now())
    return connection.execute(change.returning(accounts.c.provider)).one_or_none() is not None


def claim(connection: Connection, now: datetime | None = None, *, limit: int = BATCH) -> list[Account]:
    """Takes accounts whose end has come, the longest overdue first, and which no provider has confirmed as disabled since.

    Each is taken by one caller at a time, and by no other before its pause is over, so that a caller that dies costs a pause.
    `now` is PostgreSQL's clock when absent.
    """
    row, at = accounts.c, func.now() if now is None else literal(now)
    # A pause that no clock of now can have made is over.
    rested = or_(row.ask_again_at.is_(None), row.ask_again_at <= at, row.ask_again_at > at + LONGEST_PAUSE)
    due = select(row.provider, row.user_key).where(UNCONFIRMED, row.expires_at <= at, rested)
    due = due.order_by(row.expires_at).limit(limit).with_for_update(skip_locked=True)
    doubled = FIRST_PAUSE * func.power(2, func.least(row.asks, _DOUBLINGS))
    change = update(accounts).where(tuple_(row.provider, row.user_key).in_(due))
    change = change.values(
        state=case((row.state == AccountState.FAILED, row.state), else_=AccountState.EXPIRING.value),
        asks=row.asks + 1,
        asked_at=at,
        ask_again_at=at + func.least(doubled, LONGEST_PAUSE),
        updated_at=func.now(),
    )
    taken = connection.execute(
        change.returning(row.provider, row.user_name, row.expires_at, row.asks, row.job_id)
    ).fetchall()
    return sorted((Account(*found) for found in taken), key=lambda account: account.expires_at)


def asked(connection: Connection, account: Account, job_id: str) -> None:
    """Notes the job that is to disable an account."""
    connection.execute(_unchanged(account).values(job_id=job_id, updated_at=func.now()))


def failed(connection: Connection, account: Account, error: str) -> None:
    """Notes why an account is still not disabled."""
    connection.execute(
        _unchanged(account).values(
            state=AccountState.FAILED, error=beginning(error, ERROR_LIMIT), updated_at=func.now()
        )
    )


def overdue(connection: Connection, patience: timedelta, now: datetime | None = None) -> Overdue:
    """How many accounts ended more than `patience` ago and are not confirmed as disabled."""
    at = func.now() if now is None else literal(now)
    query = select(func.count(), func.min(accounts.c.expires_at)).where(
        UNCONFIRMED, accounts.c.expires_at <= at - patience
    )
    return Overdue(*connection.execute(query).one())


def listed(
    connection: Connection,
    *,
    states: Collection[AccountState] = (),
    provider: str | None = None,
    limit: int = BATCH,
) -> list[AccountEntry]:
    """Accounts, those that end first, or ended longest ago, first.

    Args:
        connection: where to.
        states: only these; all of them when empty.
        provider: only this one's.
        limit: how many at most.
    """
    row = accounts.c
    query = select(
        row.provider,
        row.user_name,
        row.state,
        row.expires_at,
        row.asks,
        row.asked_at,
        row.confirmed_at,
        row.job_id,
        row.error,
    )
    if states:
        wanted = {*states} | ({AccountState.EXPIRED} if AccountState.EXPIRING in states else set())
        query = query.where(row.state.in_([state.value for state in wanted]))
    if provider is not None:
        query = query.where(row.provider == provider)
    query = query.order_by(row.expires_at.asc().nulls_last(), row.provider, row.user_key).limit(limit)
    return [
        AccountEntry(name, user, AccountState(state).shown, *rest)
        for name, user, state, *rest in connection.execute(query)
    ]


def _reset(state: AccountState) -> dict[str, object]:
    """Nothing is asked for."""
    return {"state": state.value, "asks": 0, "asked_at": None, "ask_again_at": None, "job_id": None, "error": None}


def _one(provider: str, user: str) -> Update:
    return update(accounts).where(accounts.c.provider == provider, accounts.c.user_key == func.lower(user))


def _unchanged(account: Account) -> Update:
    """The account, unless it was given another end, or confirmed, since it was taken."""
    return _one(account.provider, account.user).where(accounts.c.expires_at == account.expires_at, _is_asked_for())


def _is_asked_for() -> ColumnElement[bool]:
    return accounts.c.state.in_([AccountState.EXPIRING.value, AccountState.FAILED.value])
