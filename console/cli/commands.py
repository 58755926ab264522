"""Actions of diagnoses and errors as commands that a person can type."""

from collections.abc import Callable, Iterable
from shlex import quote
from typing import Any

from leeward import actions
from leeward.actions import Action, Letters

_PLAIN: dict[type[Action], tuple[str, ...]] = {
    actions.CheckInstallation: ("check",),
    actions.MigrateDatabase: ("migrate",),
    actions.ListExtensions: ("extensions",),
    actions.ListQueues: ("queues",),
    actions.ListProviders: ("provider", "list"),
    actions.ListSchedules: ("schedule", "list"),
    actions.ListReplays: ("dlq", "replays"),
    actions.ListWorkers: ("workers",),
    actions.StartFleet: ("up",),
    actions.StartWorker: ("worker",),
    actions.StartScheduler: ("scheduler",),
    actions.StartRelay: ("outbox", "relay"),
    actions.MigrateOutbox: ("outbox", "migrate"),
    actions.ListRefusedRows: ("outbox", "refused"),
    actions.ListSavedFilters: ("dlq", "filter", "list"),
}

_WITH_ARGUMENTS: dict[type[Action], Callable[[Any], list[str]]] = {
    actions.ResumeQueue: lambda action: ["queue", "resume", quote(action.queue)],
    actions.RetireQueue: lambda action: ["queue", "retire", quote(action.queue)],
    actions.ListJobs: lambda action: ["jobs", "--queue", quote(action.queue)],
    actions.ResumeProvider: lambda action: ["provider", "resume", quote(action.provider)],
    actions.ShowProvider: lambda action: ["provider", "show", quote(action.provider)],
    actions.EnableProvider: lambda action: ["provider", "enable", quote(action.provider)],
    actions.ProbeProvider: lambda action: ["provider", "probe", quote(action.provider)],
    actions.SetGuards: lambda action: [
        "provider",
        "set",
        quote(action.provider),
        *(quote(f"{name}={value}") for name, value in action.numbers),
    ],
    actions.ListDeadLetters: lambda action: ["dlq", "list", *_which(action.letters)],
    actions.ShowDeadLetter: lambda action: ["dlq", "show", quote(action.dead_letter)],
    actions.ListGroups: lambda action: ["dlq", "groups", *_flag("any-state", given=action.any_state)],
    actions.ShowGroup: lambda action: ["dlq", "group", quote(action.fingerprint)],
    actions.ReplayDeadLetters: lambda action: [
        "dlq",
        "replay",
        *_which(action.letters),
        *_option("rate", action.per_second and f"{action.per_second:g}"),
        *_option("limit", action.limit),
        *_flag("dry-run", given=action.dry_run),
        *_text("unsafe-ok", "why nothing is repeated" if action.needs_reason else None),
    ],
    actions.DiscardDeadLetters: lambda action: [
        "dlq",
        "discard",
        *_which(action.letters),
        *_text("note", action.note or "why"),
    ],
    actions.EditPayload: lambda action: [
        "dlq",
        "edit",
        quote(action.dead_letter),
        *(part for name in action.fields for part in ("--set", quote(f"{name}=..."))),
        *(() if action.fields else ("--set", "FIELD=VALUE")),
    ],
    actions.ShowReplay: lambda action: ["dlq", "replays", quote(action.replay), *_option("outcome", action.outcome)],
    actions.ResumeReplay: lambda action: ["dlq", "resume", quote(action.replay)],
    actions.CancelReplay: lambda action: ["dlq", "cancel", quote(action.replay)],
}


def command(action: Action) -> str | None:
    """What to type for it; None for an action that no command does, as waiting."""
    kind = type(action)
    if kind in _PLAIN:
        return _line(_PLAIN[kind])
    return _line(_WITH_ARGUMENTS[kind](action)) if kind in _WITH_ARGUMENTS else None


def commands(steps: Iterable[Action]) -> list[str]:
    """What to type for those that have a command, in their order."""
    return [line for line in map(command, steps) if line is not None]


def with_hint(text: str, steps: Iterable[Action]) -> str:
    """A sentence without its full stop, and what to type about it."""
    typed = [(action, line) for action in steps if (line := command(action)) is not None]
    if not typed:
        return text
    hint = " or ".join(f"{'run' if action.changes else 'see'} `{line}`" for action, line in typed)
    if text.endswith("?"):
        return f"{text} {hint[0].upper()}{hint[1:]}"
    return f"{text}{';' if ': ' in text else ':'} {hint}"


def ended(text: str) -> str:
    """A sentence with its full stop; one that asks something has its mark already."""
    return text if text.endswith(("?", ".")) else f"{text}."


def _line(words: Iterable[str]) -> str:
    return " ".join(["leeward", *words])


def _which(letters: Letters) -> list[str]:
    return [
        *map(quote, letters.ids),
        *_option("fingerprint", letters.fingerprint),
        *_option("reason", letters.reason),
        *(part for state in letters.states for part in _option("state", state)),
    ]


def _option(name: str, value: object) -> list[str]:
    return [] if value is None else [f"--{name}", quote(str(value))]


def _text(name: str, value: str | None) -> list[str]:
    """A sentence for the person to replace, in quotes even where the shell needs none."""
    return [] if value is None else [f"--{name}", quote(value) if quote(value) != value else f"'{value}'"]


def _flag(name: str, *, given: bool) -> list[str]:
    return [f"--{name}"] if given else []
