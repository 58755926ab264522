"""Registrations in the account book: each once by its key, and how it was decided."""

from datetime import datetime

from sqlalchemy import Connection, func, select

from storage.accounts import steps
from storage.accounts.accounts import record
from storage.accounts.rows import PENDING, change_of, failure, of_account
from storage.accounts.state import AccountStep, Wanted
from storage.accounts.tables import account_steps, accounts


def register(
    connection: Connection, provider: str, user: str, expires_at: datetime | None, *, wanted: Wanted, key: str
) -> str | None:
    """Notes a registration, in place of what was noted of the account before; with a key that is known nothing. Returns the job that was at
    the account before and may still be, if there was one.
    """
    if _is_noted(connection, provider, user, AccountStep.REGISTERED, "key", key):
        return None
    query = select(accounts.c.job_id).where(of_account(accounts, provider, user))
    before: str | None = connection.execute(query).scalar_one_or_none()
    record(connection, provider, user, expires_at, wanted=wanted)
    steps.note(connection, provider, user, AccountStep.REGISTERED, key=key, wanted=wanted.value)
    return before


def enqueued(connection: Connection, provider: str, user: str, job_id: str) -> None:
    """Notes the job that brings a registered account about; once, and not of an account that its provider has confirmed."""
    if _is_noted(connection, provider, user, AccountStep.ASKED, "job", job_id):
        return
    connection.execute(change_of(provider, user).where(PENDING).values(job_id=job_id))
    steps.note(connection, provider, user, AccountStep.ASKED, job=job_id)


def approve(
    connection: Connection, provider: str, user: str, step: AccountStep, *, job_id: str, why: str | None
) -> None:
    """Notes that a registration was approved, by the provider or here."""
    connection.execute(change_of(provider, user).values(approved_at=func.now()))
    steps.note(connection, provider, user, step, job=job_id, why=why)


def refuse(connection: Connection, provider: str, user: str, why: str) -> None:
    """Notes that the provider will never have the account. It is not asked for again."""
    connection.execute(change_of(provider, user).values(**failure(why), job_id=None))
    steps.note(connection, provider, user, AccountStep.REFUSED, why=why)


def _is_noted(connection: Connection, provider: str, user: str, step: AccountStep, name: str, value: str) -> bool:
    row = account_steps.c
    query = select(row.id).where(of_account(account_steps, provider, user), row.step == step.value)
    return connection.execute(query.where(row.detail[name].astext == value).limit(1)).first() is not None
