"""The fleet, for people's own scripts and for every face of ours: everything that the `leeward` command can do, as Python.

    from leeward_admin import Filter, fleet

    with fleet() as admin:
        for letter in admin.dead_letters.page(Filter(providers=("jellyfin",)), limit=50).rows:
            print(letter.id, letter.error_message)

What is named here is kept: it changes only as the changelog says. Whatever else the application's packages hold is its own affair.
Scripts run in the application's environment and are configured as the command is, by LEEWARD_ variables. `docs/scripting.md` describes
it; what can go wrong is in `leeward.errors`.

A name is imported from its module when it is first used: a script or a command pays only for what it needs.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from leeward_admin.accounts import AccountEntry, Accounts
    from leeward_admin.admin import Admin, fleet
    from leeward_admin.checks import Check, Verdict, check_installation, run_checks
    from leeward_admin.dead_letters import (
        PROMPT,
        Cursor,
        DeadLetterChanged,
        DeadLetters,
        Detail,
        Fate,
        Filter,
        FilterExists,
        Group,
        Imported,
        ImportedLine,
        ImpossibleStep,
        InvalidCorrection,
        InvalidFilter,
        Page,
        Pruned,
        PrunedLine,
        PruneUnderWay,
        SavedFilter,
        SavedFilters,
        StoredEvent,
        Summary,
        Triage,
        UnknownDeadLetter,
        UnknownFilter,
        dead_letter_id,
        document,
    )
    from leeward_admin.dead_letters import DeadLetterChanged as Conflict
    from leeward_admin.groups import (
        UNGROUPED_LIMIT,
        Age,
        Attention,
        Cause,
        Deaths,
        Direction,
        FailureGroup,
        FailureGroups,
        GroupCursor,
        GroupDetail,
        GroupPage,
        GroupQuery,
        Part,
        Rate,
        Share,
        Statistics,
        Suggestion,
        UnknownGroup,
    )
    from leeward_admin.jobs import (
        EnqueuedLine,
        InvalidPayload,
        LineOutcome,
        UnknownKind,
        WaitingReason,
        enqueue_lines,
        newest_kind,
        request_for,
    )
    from leeward_admin.logs import log_as_configured, log_errors_only
    from leeward_admin.processes import Running, scheduler, up, worker
    from leeward_admin.providers import (
        ActorState,
        Finding,
        GuardState,
        ImpossibleGuard,
        Mode,
        Providers,
        Transition,
        UnknownActor,
        UnknownProvider,
        actor_at,
    )
    from leeward_admin.queues import Queues, QueueState, UnknownQueue
    from leeward_admin.replays import (
        STOP_RATIO,
        ImpossibleReplayStep,
        ImpossibleRules,
        Item,
        NothingToReplay,
        Plan,
        Progress,
        Replay,
        ReplayChanged,
        ReplayPage,
        Replays,
        Rules,
        Selection,
        Trial,
        UnknownReplay,
    )
    from leeward_admin.schema import migrate
    from leeward_admin.server_errors import AddressMissing, SchemaMissing, ServerUnreachable
    from leeward_admin.settings import InvalidSettings, Settings
    from leeward_admin.states import OPEN, AccountState, ItemOutcome, Reason, ReplayState, State

__all__ = [
    "OPEN",
    "PROMPT",
    "STOP_RATIO",
    "UNGROUPED_LIMIT",
    "AccountEntry",
    "AccountState",
    "Accounts",
    "ActorState",
    "AddressMissing",
    "Admin",
    "Age",
    "Attention",
    "Cause",
    "Check",
    "Conflict",
    "Cursor",
    "DeadLetterChanged",
    "DeadLetters",
    "Deaths",
    "Detail",
    "Direction",
    "EnqueuedLine",
    "FailureGroup",
    "FailureGroups",
    "Fate",
    "Filter",
    "FilterExists",
    "Finding",
    "Group",
    "GroupCursor",
    "GroupDetail",
    "GroupPage",
    "GroupQuery",
    "GuardState",
    "Imported",
    "ImportedLine",
    "ImpossibleGuard",
    "ImpossibleReplayStep",
    "ImpossibleRules",
    "ImpossibleStep",
    "InvalidCorrection",
    "InvalidFilter",
    "InvalidPayload",
    "InvalidSettings",
    "Item",
    "ItemOutcome",
    "LineOutcome",
    "Mode",
    "NothingToReplay",
    "Page",
    "Part",
    "Plan",
    "Progress",
    "Providers",
    "PruneUnderWay",
    "Pruned",
    "PrunedLine",
    "QueueState",
    "Queues",
    "Rate",
    "Reason",
    "Replay",
    "ReplayChanged",
    "ReplayPage",
    "ReplayState",
    "Replays",
    "Rules",
    "Running",
    "SavedFilter",
    "SavedFilters",
    "SchemaMissing",
    "Selection",
    "ServerUnreachable",
    "Settings",
    "Share",
    "State",
    "Statistics",
    "StoredEvent",
    "Suggestion",
    "Summary",
    "Transition",
    "Triage",
    "Trial",
    "UnknownActor",
    "UnknownDeadLetter",
    "UnknownFilter",
    "UnknownGroup",
    "UnknownKind",
    "UnknownProvider",
    "UnknownQueue",
    "UnknownReplay",
    "Verdict",
    "WaitingReason",
    "actor_at",
    "check_installation",
    "dead_letter_id",
    "document",
    "enqueue_lines",
    "fleet",
    "log_as_configured",
    "log_errors_only",
    "migrate",
    "newest_kind",
    "request_for",
    "run_checks",
    "scheduler",
    "up",
    "worker",
]

_MODULES = {
    "accounts": "AccountEntry Accounts",
    "admin": "Admin fleet",
    "checks": "Check Verdict check_installation run_checks",
    "dead_letters": (
        "PROMPT Cursor DeadLetterChanged DeadLetters Detail Fate Filter FilterExists Group ImpossibleStep "
        "Imported ImportedLine InvalidCorrection InvalidFilter Page PruneUnderWay Pruned PrunedLine "
        "SavedFilter SavedFilters StoredEvent Summary Triage UnknownDeadLetter UnknownFilter dead_letter_id "
        "document"
    ),
    "groups": (
        "UNGROUPED_LIMIT Age Attention Cause Deaths Direction FailureGroup FailureGroups GroupCursor "
        "GroupDetail GroupPage GroupQuery Part Rate Share Statistics Suggestion UnknownGroup"
    ),
    "jobs": "EnqueuedLine InvalidPayload LineOutcome UnknownKind WaitingReason enqueue_lines newest_kind request_for",
    "logs": "log_as_configured log_errors_only",
    "processes": "Running scheduler up worker",
    "providers": (
        "ActorState Finding GuardState ImpossibleGuard Mode Providers Transition UnknownActor UnknownProvider actor_at"
    ),
    "queues": "QueueState Queues UnknownQueue",
    "replays": (
        "STOP_RATIO ImpossibleReplayStep ImpossibleRules Item NothingToReplay Plan Progress Replay "
        "ReplayChanged ReplayPage Replays Rules Selection Trial UnknownReplay"
    ),
    "schema": "migrate",
    "server_errors": "AddressMissing SchemaMissing ServerUnreachable",
    "settings": "InvalidSettings Settings",
    "states": "OPEN AccountState ItemOutcome Reason ReplayState State",
}
"""The names of each module."""
_OLD_NAMES = {"Conflict": "DeadLetterChanged"}
"""Names of former releases, kept for scripts that use them."""
_MODULE_OF = {name: module for module, names in _MODULES.items() for name in names.split()}


def __getattr__(name: str) -> Any:
    wanted = _OLD_NAMES.get(name, name)
    if wanted not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(import_module(f"{__name__}.{_MODULE_OF[wanted]}"), wanted)
    # The next use finds it at once.
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted(__all__)
