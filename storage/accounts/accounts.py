"""The table `accounts`: who has an account at which provider, until when, what is wanted of it, and what the provider has confirmed. A
user's name counts whatever its case. What is asked for until the provider confirms it is in `claims`. The clock is PostgreSQL's.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, delete, func, select
from sqlalchemy.dialects.postgresql import insert

from storage.accounts import steps
from storage.accounts.rows import PENDING, change_of, failure, of_account
from storage.accounts.state import AccountState, AccountStep, Wanted
from storage.accounts.tables import accounts

MOST_LISTED = 500


class AccountEntry(NamedTuple):
    """An account as people see it.

    Attributes:
        asks: how often a job was asked for since the provider has confirmed it.
        asked_at: when that was last.
        confirmed_at: when the provider last said what is so.
        error: why what is wanted is not so yet.
        wanted: what was decided here.
        approved_at: when its registration was approved; None where it never was one.
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
    wanted: Wanted
    approved_at: datetime | None


def record(
    connection: Connection,
    provider: str,
    user: str,
    expires_at: datetime | None,
    *,
    wanted: Wanted = Wanted.ENABLED,
    job_id: str | None = None,
) -> None:
    """Notes that an account is to be there, and when it ends: None for never. Replaces what was noted before.

    To be called before the provider is asked; `confirm` follows. `job_id` is the job that brings it about.

    Raises:
        ValueError: a time without a zone.
    """
    if expires_at is not None and expires_at.tzinfo is None:
        raise ValueError("expires_at needs a time zone: use datetime.now(UTC) + ...")
    before = _known(connection, provider, user)
    values = _reset(AccountState.PENDING_SYNC) | {"provider": provider, "user_name": user, "expires_at": expires_at}
    values |= {"wanted": wanted.value, "job_id": job_id}
    statement = insert(accounts).values(values)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=[accounts.c.provider, accounts.c.user_key], set_=values | {"updated_at": func.now()}
        )
    )
    # An attempt that runs again notes nothing new.
    if before is None or (before.expires_at, before.wanted) != (expires_at, wanted):
        steps.note(connection, provider, user, AccountStep.NOTED, expires_at=expires_at, wanted=wanted.value)


def confirm(connection: Connection, provider: str, user: str, *, disabled: bool, took: timedelta) -> bool:
    """Notes what the provider said of an account. False when none is noted here.

    Args:
        connection: in a transaction.
        provider: whose account.
        user: whose account.
        disabled: it is disabled now; enabled otherwise.
        took: how long ago the provider was asked: what was true before an account's end says nothing about the time after it.
    """
    before = _known(connection, provider, user)
    if before is None:
        return False
    state, wanted = (AccountState.DISABLED, Wanted.DISABLED) if disabled else (AccountState.ACTIVE, Wanted.ENABLED)
    change = change_of(provider, user).values(**_reset(state), wanted=wanted.value)
    connection.execute(change.values(confirmed_at=func.now() - took))
    if before.state != state:
        steps.note(connection, provider, user, AccountStep.CONFIRMED, state=state.value)
    return True


def remove(connection: Connection, provider: str, user: str) -> bool:
    """The provider has no such account any more. False when none is noted here."""
    if not connection.execute(delete(accounts).where(of_account(accounts, provider, user))).rowcount:
        return False
    steps.note(connection, provider, user, AccountStep.DELETED)
    return True


def extend(connection: Connection, provider: str, user: str, expires_at: datetime | None, *, who: str) -> bool:
    """Gives an account another end, None for never, and wants it enabled. False when none is noted here.

    To be called before a job for it is enqueued; an end that is asked for meanwhile is not asked for again.
    """
    before = _known(connection, provider, user)
    if before is None:
        return False
    values = _reset(AccountState.PENDING_SYNC) | {"expires_at": expires_at, "wanted": Wanted.ENABLED.value}
    connection.execute(change_of(provider, user).values(values))
    steps.note(
        connection, provider, user, AccountStep.EXTENDED, who=who, **{"from": before.expires_at, "to": expires_at}
    )
    return True


def requested(connection: Connection, account: AccountEntry, job_id: str, *, who: str) -> None:
    """Notes the job by which a person has asked for what is wanted of an account. The fleet looks after it from then on."""
    connection.execute(change_of(account.provider, account.user).where(PENDING).values(job_id=job_id))
    step = AccountStep.ASKED
    steps.note(connection, account.provider, account.user, step, who=who, job=job_id, wanted=account.wanted.value)


def missing(connection: Connection, provider: str, user: str, error: str) -> None:
    """The provider has no account where one is to be enabled."""
    if connection.execute(change_of(provider, user).values(failure(error))).rowcount:
        steps.note(connection, provider, user, AccountStep.FAILED, error=error)


def listed(
    connection: Connection,
    *,
    states: Collection[AccountState] = (),
    provider: str | None = None,
    limit: int = MOST_LISTED,
) -> list[AccountEntry]:
    """Accounts, those that end first, or ended longest ago, first.

    Args:
        connection: where to.
        states: only these; all of them when empty.
        provider: only this one's.
        limit: how many at most.
    """
    row, query = accounts.c, _entries()
    if states:
        wanted = {*states} | ({AccountState.EXPIRED} if AccountState.EXPIRING in states else set())
        query = query.where(row.state.in_([state.value for state in wanted]))
    if provider is not None:
        query = query.where(row.provider == provider)
    query = query.order_by(row.expires_at.asc().nulls_last(), row.provider, row.user_key).limit(limit)
    return [_entry(*found) for found in connection.execute(query)]


def of_user(connection: Connection, user: str, provider: str | None = None) -> list[AccountEntry]:
    """The accounts of one name, at every provider or at one."""
    row = accounts.c
    query = _entries().where(row.user_key == func.lower(user))
    if provider is not None:
        query = query.where(row.provider == provider)
    return [_entry(*found) for found in connection.execute(query.order_by(row.provider))]


def _entries() -> Select[Any]:
    row = accounts.c
    return select(
        row.provider,
        row.user_name,
        row.state,
        row.expires_at,
        row.asks,
        row.asked_at,
        row.confirmed_at,
        row.job_id,
        row.error,
        row.wanted,
        row.approved_at,
    )


def _entry(*values: Any) -> AccountEntry:
    found = AccountEntry(*values)
    return found._replace(state=AccountState(found.state).shown, wanted=Wanted(found.wanted))


def _known(connection: Connection, provider: str, user: str) -> Any:
    """The row, for as long as the transaction lasts; None where there is none."""
    row = accounts.c
    query = select(row.state, row.expires_at, row.wanted)
    query = query.where(of_account(accounts, provider, user)).with_for_update()
    return connection.execute(query).one_or_none()


def _reset(state: AccountState) -> dict[str, object]:
    """Nothing is asked for."""
    return {"state": state.value, "asks": 0, "asked_at": None, "ask_again_at": None, "job_id": None, "error": None}
