"""Accounts without a person: the row goes when nothing is left to do about it."""

from typing import NamedTuple

from sqlalchemy import Connection, delete, func, select

from storage.accounts.state import AccountState
from storage.erasure.subject import Subject
from storage.tables import accounts


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
            return connection.execute(delete(accounts).where(mine & ~to_disable)).rowcount, kept
        query = select(func.count()).select_from(accounts).where(mine & ~to_disable)
        return int(connection.execute(query).scalar_one()), kept
