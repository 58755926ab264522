"""What can be done next: the kinds of steps that diagnoses and errors name."""

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
    ListProviders,
    ListQueues,
    ListSchedules,
    MigrateDatabase,
    ProbeProvider,
    ResumeQueue,
    SetGuards,
    ShowProvider,
    WaitFor,
)
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
    "ListProviders",
    "ListQueues",
    "ListReplays",
    "ListSavedFilters",
    "ListSchedules",
    "MigrateDatabase",
    "ProbeProvider",
    "ReplayDeadLetters",
    "ResumeQueue",
    "ResumeReplay",
    "SetGuards",
    "ShowDeadLetter",
    "ShowGroup",
    "ShowProvider",
    "ShowReplay",
    "WaitFor",
]
