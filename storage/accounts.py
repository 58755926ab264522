"""The table `accounts`: who has an account at which provider, and until when. A user's name counts whatever its case."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, func, select, update
from sqlalchemy.dialects.postgresql import insert

from storage.account_state import AccountState
from storage.tables import accounts

BATCH = 500


class Account(NamedTuple):
    """An account whose time is over."""

    provider: str
    user: str
    expires_at: datetime


def record(connection: Connection, provider: str, user: str, expires_at: datetime | None) -> None:
    """Notes that there is an account, and when it expires: None for never. Replaces what was noted before; an expired one is active again.

    Raises:
        ValueError: a time without a zone.
    """
    if expires_at is not None and expires_at.tzinfo is None:
        raise ValueError("expires_at needs a time zone: use datetime.now(UTC) + ...")
    values = {"provider": provider, "user_name": user, "expires_at": expires_at, "state": AccountState.ACTIVE.value}
    statement = insert(accounts).values(values)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=[accounts.c.provider, accounts.c.user_key], set_=values | {"updated_at": func.now()}
        )
    )


def due(connection: Connection, now: datetime, *, limit: int = BATCH) -> list[Account]:
    """The active accounts whose time is over, the longest overdue first."""
    row = accounts.c
    query = select(row.provider, row.user_name, row.expires_at)
    query = query.where(row.state == AccountState.ACTIVE, row.expires_at <= now).order_by(row.expires_at).limit(limit)
    return [Account(*found) for found in connection.execute(query)]


def mark_expired(connection: Connection, account: Account) -> bool:
    """Notes that an account's end was seen to. False when it was changed meanwhile: extended, or marked by somebody else."""
    row = accounts.c
    change = update(accounts).where(
        row.provider == account.provider,
        row.user_key == func.lower(account.user),
        row.expires_at == account.expires_at,
        row.state == AccountState.ACTIVE,
    )
    marked = connection.execute(
        change.values(state=AccountState.EXPIRED, updated_at=func.now()).returning(row.provider)
    )
    return marked.one_or_none() is not None
