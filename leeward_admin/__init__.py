"""The fleet, for people's own scripts and for every face of ours: everything that the `leeward` command can do, as Python.

    from leeward_admin import Filter, fleet

    with fleet() as admin:
        for letter in admin.dead_letters.page(Filter(providers=("media",)), limit=50).rows:
            print(letter.id, letter.error_message)

What is named here is kept: it changes only as the changelog says. Whatever else the application's packages hold is its own affair.
Scripts run in the application's environment and are configured as the command is, by LEEWARD_ variables. `docs/scripting.md` describes
it; what can go wrong is in `leeward.errors`.

A name is imported from its module when it is first used: a script or a command pays only for what it needs.
"""

from typing import TYPE_CHECKING

from leeward.lazy_names import lazy_names

if TYPE_CHECKING:
    from leeward_admin.accounts import *
    from leeward_admin.admin import *
    from leeward_admin.checks import *
    from leeward_admin.checks.configuration import *
    from leeward_admin.dead_letters.dead_letters import *
    from leeward_admin.dead_letters.decisions import *
    from leeward_admin.dead_letters.importing import *
    from leeward_admin.dead_letters.letters import *
    from leeward_admin.dead_letters.next_steps import *
    from leeward_admin.dead_letters.pruning import *
    from leeward_admin.dead_letters.saved_filters import *
    from leeward_admin.dead_letters.triage import *
    from leeward_admin.dependencies.dependencies import *
    from leeward_admin.dependencies.risk import *
    from leeward_admin.dependencies.states import *
    from leeward_admin.erasure import *
    from leeward_admin.events.events import *
    from leeward_admin.extensions import *
    from leeward_admin.groups import *
    from leeward_admin.jobs import *
    from leeward_admin.logs import *
    from leeward_admin.lookup.id_beginnings import *
    from leeward_admin.lookup.names import *
    from leeward_admin.outbox import *
    from leeward_admin.processes import *
    from leeward_admin.providers.diagnosis import *
    from leeward_admin.providers.providers import *
    from leeward_admin.providers.webhooks import *
    from leeward_admin.queues import *
    from leeward_admin.recovery.calls import *
    from leeward_admin.recovery.recovery import *
    from leeward_admin.replays import *
    from leeward_admin.schedules import *
    from leeward_admin.schema import *
    from leeward_admin.server_errors import *
    from leeward_admin.settings import *
    from leeward_admin.states import *
    from leeward_admin.status.condition import *
    from leeward_admin.status.health import *
    from leeward_admin.status.status import *

    Conflict = DeadLetterChanged

_MODULES = {
    "accounts": "AccountEntry AccountRequest Accounts Overdue StepEntry UnknownAccount",
    "admin": "Admin fleet",
    "checks.configuration": "ConfigurationValue address_of configuration",
    "checks": "Check Verdict check_installation run_checks",
    "dead_letters.dead_letters": "DeadLetters",
    "dead_letters.decisions": "Assign Decided Decision Discard Hold Note Release Review decidable",
    "dead_letters.importing": "Imported ImportedLine",
    "dead_letters.letters": (
        "PROMPT Cursor Detail Filter Group InvalidFilter Page StoredEvent Summary UnknownDeadLetter "
        "dead_letter_id document"
    ),
    "dead_letters.next_steps": "next_steps",
    "dead_letters.pruning": "Fate PruneUnderWay Pruned PrunedLine",
    "dead_letters.saved_filters": "FilterExists SavedFilter SavedFilters UnknownFilter",
    "dead_letters.triage": "DeadLetterChanged ImpossibleStep InvalidCorrection Triage",
    "dependencies.dependencies": "Dependencies DependencyExists DependencyOptions UnknownDependency",
    "dependencies.risk": "AffectedPart DependencyRisk RiskLevel",
    "dependencies.states": "DependencyState",
    "erasure": "Erasure ErasureRecord ErasureReport InvalidSubject Remains",
    "events.events": "EventReplay Events FleetEvent Position UnknownEventHandler",
    "extensions": "BrokenExtension ExtensionState FleetExtensions extensions_of",
    "groups": (
        "UNGROUPED_LIMIT Age Attention Cause Deaths Diagnosis Direction FailureGroup FailureGroups "
        "GroupCursor GroupDetail GroupPage GroupQuery Part Rate Share Statistics UnknownGroup"
    ),
    "lookup.id_beginnings": "AmbiguousId",
    "jobs": (
        "CannotCancel EmptyJobFilter EnqueuedLine FleetJobs InvalidJobCursor InvalidPayload JobDetail JobFilter JobPage "
        "JobSelection LineOutcome ListedJob PastAttempt UnknownKind WaitingReason cancel_job enqueue_lines newest_kind "
        "past_attempts request_for"
    ),
    "logs": "log_as_configured log_errors_only",
    "lookup.names": "Names",
    "outbox": "Outbox OutboxMissing OutboxProvider OutboxStatus RefusedJob RelayProcess WaitingRows UnknownRow",
    "processes": "Running outbox_relay scheduler up worker",
    "providers.diagnosis": "ProviderDiagnosis diagnose",
    "providers.providers": "ActorState Finding GuardState ImpossibleGuard Mode Providers Transition UnknownActor UnknownProvider",
    "queues": "QueueState Queues UnknownQueue",
    "recovery.calls": "CallAnswer CircuitOpen",
    "recovery.recovery": (
        "RecoveryActionState RecoveryActions RecoveryAttempt RecoveryOutcome RecoveryTrial UnknownRecoveryAction"
    ),
    "replays": (
        "STOP_RATIO ImpossibleReplayStep ImpossibleRules Item NothingToReplay Plan Progress Replay "
        "ReplayChanged ReplayPage ReplayVerdict Replays Rules Selection Trial UnknownReplay careful_rules"
    ),
    "schedules": "Pause PeriodicActor ScheduleServed Schedules Sent UnknownPeriodicActor",
    "schema": "migrate",
    "server_errors": "AddressMissing SchemaMissing ServerUnreachable",
    "settings": "InvalidSettings Settings settings_to_work",
    "status.condition": "Condition condition_of condition_of_guards",
    "status.health": "ComponentState PartHealth read_health",
    "status.status": ("FleetStatus Need OpenGroup OpenLetters ProviderStatus QueueStatus Urgency WorkerStatus"),
    "states": "OPEN AccountState DeadReason ItemOutcome Reason ReplayState State",
    "providers.webhooks": "Receipt UnknownReceiver WebhookOutcome Webhooks",
}
"""The names of each module, as its `__all__` has them."""
_OLD_NAMES = {"Conflict": "DeadLetterChanged"}
"""Names of former releases, kept for scripts that use them."""

if not TYPE_CHECKING:  # type checkers know every name, and so a mistake
    __getattr__, __dir__ = lazy_names(
        __name__, {f"{__name__}.{module}": names for module, names in _MODULES.items()}, former=_OLD_NAMES
    )
