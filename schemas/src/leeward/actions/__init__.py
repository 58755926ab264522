"""What can be done next: the kinds of steps that diagnoses and errors name."""

from typing import TYPE_CHECKING

from leeward.lazy_names import lazy_names

if TYPE_CHECKING:
    from leeward.actions.action import Action
    from leeward.actions.dead_letters import (
        DiscardDeadLetters,
        EditPayload,
        Letters,
        ListDeadLetters,
        ListGroups,
        ListSavedFilters,
        ReplayDeadLetters,
        ShowDeadLetter,
        ShowGroup,
    )
    from leeward.actions.fleet import (
        CheckInstallation,
        EnableProvider,
        ListExtensions,
        ListJobs,
        ListProviders,
        ListQueues,
        ListSchedules,
        ListWorkers,
        MigrateDatabase,
        ProbeProvider,
        ResumeProvider,
        ResumeQueue,
        RetireQueue,
        SetGuards,
        ShowProvider,
        StartFleet,
        StartScheduler,
        StartWorker,
        WaitFor,
    )
    from leeward.actions.outbox import ListRefusedRows, MigrateOutbox, StartRelay
    from leeward.actions.replays import CancelReplay, ListReplays, ResumeReplay, ShowReplay

__all__ = [
    "Action",
    "CancelReplay",
    "CheckInstallation",
    "DiscardDeadLetters",
    "EditPayload",
    "EnableProvider",
    "Letters",
    "ListDeadLetters",
    "ListExtensions",
    "ListGroups",
    "ListJobs",
    "ListProviders",
    "ListQueues",
    "ListRefusedRows",
    "ListReplays",
    "ListSavedFilters",
    "ListSchedules",
    "ListWorkers",
    "MigrateDatabase",
    "MigrateOutbox",
    "ProbeProvider",
    "ReplayDeadLetters",
    "ResumeProvider",
    "ResumeQueue",
    "ResumeReplay",
    "RetireQueue",
    "SetGuards",
    "ShowDeadLetter",
    "ShowGroup",
    "ShowProvider",
    "ShowReplay",
    "StartFleet",
    "StartRelay",
    "StartScheduler",
    "StartWorker",
    "WaitFor",
]

_MODULES = {
    "leeward.actions.action": "Action",
    "leeward.actions.dead_letters": (
        "DiscardDeadLetters EditPayload Letters ListDeadLetters ListGroups ListSavedFilters ReplayDeadLetters "
        "ShowDeadLetter ShowGroup"
    ),
    "leeward.actions.fleet": (
        "CheckInstallation EnableProvider ListExtensions ListJobs ListProviders ListQueues ListSchedules "
        "ListWorkers MigrateDatabase ProbeProvider ResumeProvider ResumeQueue RetireQueue SetGuards "
        "ShowProvider StartFleet StartScheduler StartWorker WaitFor"
    ),
    "leeward.actions.outbox": "ListRefusedRows MigrateOutbox StartRelay",
    "leeward.actions.replays": "CancelReplay ListReplays ResumeReplay ShowReplay",
}

if not TYPE_CHECKING:
    __getattr__, __dir__ = lazy_names(__name__, _MODULES)
