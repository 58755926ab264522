"""Accounts without a person: the row, and the record of every step, go when nothing is left to do about it."""

from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, delete, func, select

from storage.accounts.state import AccountState
from storage.accounts.tables import account_steps, accounts
from storage.erasure.subject import Subject


class KeptAccount(NamedTuple):
    """An account that is to be disabled when it expires: without its row it would stay enabled at the provider."""

    provider: str
    state: str


def erase_accounts(connection: Connection, subject: Subject, *, apply: bool) -> tuple[int, list[KeptAccount]]:
    """How many rows of the person go, and which stay."""
    row = accounts.c
    mine = row.user_key == subject.text.strip().lower()
    to_disable = row.expires_at.is_not(None) & (row.state != AccountState.DISABLED.value)
    with connection.begin():
        kept = [
            KeptAccount(*each) for each in connection.execute(select(row.provider, row.state).where(mine & to_disable))
        ]
        if apply:
            gone = connection.execute(delete(accounts).where(mine & ~to_disable)).rowcount
            connection.execute(delete(account_steps).where(_without_account(subject)))
            return gone, kept
        query = select(func.count()).select_from(accounts).where(mine & ~to_disable)
        return int(connection.execute(query).scalar_one()), kept


def _without_account(subject: Subject) -> ColumnElement[bool]:
    row, step = accounts.c, account_steps.c
    kept = select(row.provider).where(row.provider == step.provider, row.user_key == step.user_key).exists()
    return (step.user_key == subject.text.strip().lower()) & ~kept
