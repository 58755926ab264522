"""The rows of one account, whatever the case of its user's name."""

from sqlalchemy import ColumnElement, Table, Update, and_, func, update

from storage.accounts.state import AccountState
from storage.accounts.tables import accounts
from storage.payloads.sanitise import beginning

LONGEST_TEXT = 500
PENDING = accounts.c.state.not_in([AccountState.ACTIVE, AccountState.DISABLED])
"""What the provider has not confirmed."""


def of_account(table: Table, provider: str, user: str) -> ColumnElement[bool]:
    """Which rows of a table are about it."""
    return and_(table.c.provider == provider, table.c.user_key == func.lower(user))


def change_of(provider: str, user: str) -> Update:
    """A change of it, that has its time already."""
    return update(accounts).where(of_account(accounts, provider, user)).values(updated_at=func.now())


def failure(error: str) -> dict[str, object]:
    """The values of one that is not what is wanted of it."""
    return {"state": AccountState.FAILED.value, "error": beginning(error, LONGEST_TEXT)}
