"""The table `account_steps`: every step of every account, in order. Rows are only added, and go with the person they are about."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, insert, literal, select

from storage.accounts.rows import LONGEST_TEXT, of_account
from storage.accounts.state import AccountStep
from storage.accounts.tables import account_steps, accounts
from storage.payloads.sanitise import beginning

MOST_SHOWN = 100


class StepEntry(NamedTuple):
    """Attributes:
    step: an `AccountStep`, or the name that a later release gave.
    who: the person who did it; None: the fleet.
    """

    at: datetime
    step: str
    who: str | None
    detail: dict[str, Any]


def note(
    connection: Connection, provider: str, user: str, step: AccountStep, *, who: str | None = None, **detail: object
) -> None:
    """Notes a step of one account, whether or not the book has it."""
    note_all(connection, [(provider, user)], step, who=who, **detail)


def note_all(
    connection: Connection,
    about: Iterable[tuple[str, str]],
    step: AccountStep,
    *,
    who: str | None = None,
    **detail: object,
) -> None:
    """Notes the same step of several accounts, each as provider and user."""
    about_it = _detail(detail)
    rows = [
        {"provider": provider, "user_name": user, "step": step.value, "who": who, "detail": about_it}
        for provider, user in about
    ]
    if rows:
        connection.execute(insert(account_steps), rows)


def note_if_known(connection: Connection, provider: str, user: str, step: AccountStep, **detail: object) -> None:
    """Notes a step of an account that the book has; nothing of any other."""
    row = accounts.c
    known = select(
        row.provider, row.user_name, literal(step.value), literal(_detail(detail), account_steps.c.detail.type)
    )
    known = known.where(of_account(accounts, provider, user))
    connection.execute(insert(account_steps).from_select(["provider", "user_name", "step", "detail"], known))


def steps_of(connection: Connection, provider: str, user: str, *, limit: int = MOST_SHOWN) -> list[StepEntry]:
    """The latest steps of an account, the oldest of them first."""
    row = account_steps.c
    query = select(row.at, row.step, row.who, row.detail)
    query = query.where(of_account(account_steps, provider, user)).order_by(row.id.desc()).limit(limit)
    return [StepEntry(*found) for found in reversed(connection.execute(query).fetchall())]


def _detail(detail: dict[str, object]) -> dict[str, Any]:
    return {name: _value(value) for name, value in detail.items() if value is not None}


def _value(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    return beginning(value, LONGEST_TEXT) if isinstance(value, str) else value
