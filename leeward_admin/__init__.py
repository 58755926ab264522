"""The fleet, for an admin's own scripts: everything that the `leeward` command can do, as Python.

    from leeward_admin import Filter, fleet

    with fleet() as admin:
        for letter in admin.dead_letters.page(Filter(providers=("jellyfin",)), limit=50).rows:
            print(letter.id, letter.error_message)

What is named here is kept: it changes only as the changelog says. Whatever else the application's packages hold is its own affair.
Scripts run in the application's environment and are configured as the command is, by LEEWARD_ variables. `docs/dead-letters.md` has
worked examples.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from storage.account_state import AccountState
from storage.accounts import AccountEntry
from storage.dead_letters import (
    PROMPT,
    Conflict,
    Cursor,
    Detail,
    Filter,
    ImpossibleStep,
    InvalidCorrection,
    InvalidFilter,
    Page,
    Summary,
    UnknownDeadLetter,
    UnknownFilter,
)
from storage.dead_letters.group_query import GroupQuery
from storage.dead_letters.groups import FailureGroup, UnknownGroup
from storage.dead_letters.suggestion import Cause
from storage.dead_letters.trend import Direction
from storage.reason import Reason
from storage.replays.creation import NothingToReplay
from storage.replays.reading import UnknownReplay
from storage.replays.rules import ImpossibleRules, Rules
from storage.replays.selection import Selection
from storage.replays.state import ItemOutcome, ReplayState
from storage.replays.steps import ImpossibleReplayStep, ReplayChanged
from storage.replays.stored import Replay
from storage.state import State
from workers.admin import Admin, opened
from workers.admin_errors import AddressMissing, SchemaMissing, ServerUnreachable
from workers.admin_replays import Progress
from workers.replay.plan import Plan
from workers.settings import Settings
from workers.settings_problem import InvalidSettings

__all__ = [
    "PROMPT",
    "AccountEntry",
    "AccountState",
    "AddressMissing",
    "Admin",
    "Cause",
    "Conflict",
    "Cursor",
    "Detail",
    "Direction",
    "FailureGroup",
    "Filter",
    "GroupQuery",
    "ImpossibleReplayStep",
    "ImpossibleRules",
    "ImpossibleStep",
    "InvalidCorrection",
    "InvalidFilter",
    "InvalidSettings",
    "ItemOutcome",
    "NothingToReplay",
    "Page",
    "Plan",
    "Progress",
    "Reason",
    "Replay",
    "ReplayChanged",
    "ReplayState",
    "Rules",
    "SchemaMissing",
    "Selection",
    "ServerUnreachable",
    "Settings",
    "State",
    "Summary",
    "UnknownDeadLetter",
    "UnknownFilter",
    "UnknownGroup",
    "UnknownReplay",
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
