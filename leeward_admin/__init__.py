"""The fleet, for an admin's own scripts: everything that the `leeward` command can do, as Python.

    from leeward_admin import Filter, fleet

    with fleet() as admin:
        for letter in admin.dead_letters.page(Filter(providers=("jellyfin",)), limit=50).rows:
            print(letter.id, letter.error_message)

What is named here is kept: it changes only as the changelog says. Whatever else the application's packages hold is its own affair.
Scripts run in the application's environment and are configured as the command is, by LEEWARD_ variables.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from storage.dead_letters import (
    Conflict,
    Detail,
    Filter,
    ImpossibleStep,
    InvalidFilter,
    Page,
    Summary,
    UnknownDeadLetter,
)
from storage.reason import Reason
from storage.state import State
from workers.admin import Admin, opened
from workers.admin_errors import AddressMissing, SchemaMissing, ServerUnreachable
from workers.settings import Settings
from workers.settings_problem import InvalidSettings

__all__ = [
    "AddressMissing",
    "Admin",
    "Conflict",
    "Detail",
    "Filter",
    "ImpossibleStep",
    "InvalidFilter",
    "InvalidSettings",
    "Page",
    "Reason",
    "SchemaMissing",
    "ServerUnreachable",
    "Settings",
    "State",
    "Summary",
    "UnknownDeadLetter",
    "fleet",
]


@contextmanager
def fleet(settings: Settings | None = None) -> Iterator[Admin]:
    """The fleet that the environment names, or that `leeward up` runs here. Connects to a server when it is first asked something.

    Args:
        settings: a fleet of your own making, in place of the environment's.

    Raises:
        InvalidSettings: the environment cannot be used; every problem is named.
        AddressMissing: a server was asked for that has no address.
        ServerUnreachable, SchemaMissing: from inside the `with`, in place of the servers' own errors.
    """
    with opened(settings or Settings.from_environment()) as admin:
        yield admin
