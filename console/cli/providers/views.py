"""A provider's guards as people read them, and as JSON."""

from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from console.cli.terminal.time_text import when

if TYPE_CHECKING:
    from leeward_admin import ActorState, GuardState


def because(state: "GuardState") -> str:
    """Why its circuit is as it is, or what holds it."""
    from leeward_admin import condition_of_guards, diagnose

    now = datetime.now(UTC)
    found = diagnose(state, now=now)
    if found is None:
        return condition_of_guards(state, healthy=None, now=now).without_cause
    if found.until is None:
        return found.text
    until = when(found.until)
    is_held = state.held_until is not None and state.held_until > now
    return f"held until {until}: {found.text}" if is_held else f"{found.text}, until {until}"


def summary_of(state: "GuardState") -> str:
    """A line about how it is."""
    reason = because(state)
    return f"{state.provider} is {condition_text(state)}{f': {reason}' if reason else ''}."


def condition_text(state: "GuardState", *, healthy: bool | None = None) -> str:
    """How it is, in one word or two."""
    from leeward_admin import condition_of_guards

    return condition_of_guards(state, healthy=healthy, now=datetime.now(UTC)).value


def mode_of(state: "GuardState") -> str:
    """Who decides about its circuit; `disabled` where it is switched off."""
    return state.mode.value if state.config.enabled else "disabled"


def limit_of(state: "GuardState") -> str:
    """How many of its jobs may run at once."""
    if not state.limit:
        return "none"
    return f"{state.limit} of {state.config.limit}" if 0 < state.config.limit != state.limit else str(state.limit)


def written(value: object) -> object:
    """A setting of its guards as it is written in `leeward.toml`."""
    match value:
        case bool():
            return str(value).lower()
        case float():
            return f"{value:g}"
        case timedelta():
            from leeward.duration import duration_text  # needs pydantic, which completion does without

            return duration_text(value)
    return value


def actor_row(queue: str, own: "ActorState") -> tuple[object, ...]:
    """The own numbers of an actor."""
    guards = own.guards
    slow = "as its provider" if guards.slow is None else written(guards.slow)
    limit, rate = guards.limit or "none", guards.rate or "none"
    return (own.actor or queue, queue, own.in_use, limit, rate, guards.burst, slow, written(guards.observe))


def document_of(state: "GuardState") -> dict[str, Any]:
    """Everything about a provider, in JSON types."""
    document = {name: _json(value) for name, value in asdict(state).items()}
    document["config"] = {name: _json(value) for name, value in document["config"].items()}
    document["actors"] = {queue: _own_document(queue, own) for queue, own in state.actors.items()}
    document["sick"] = {group: until.isoformat() for group, until in state.sick.items()}
    return document


def diagnosis_of(state: "GuardState") -> dict[str, Any] | None:
    """What keeps it from taking jobs and what can be done, in JSON types."""
    from leeward_admin import diagnose

    found = diagnose(state, now=datetime.now(UTC))
    if found is None:
        return None
    return {
        "text": found.text,
        "until": _json(found.until),
        "actions": [action.document() for action in found.actions],
    }


def _own_document(queue: str, own: "ActorState") -> dict[str, Any]:
    numbers = {name: _json(value) for name, value in asdict(own.guards).items()}
    return {"actor": own.actor or queue} | numbers | {"in_use": own.in_use, "token_at": _json(own.token_at)}


def _json(value: Any) -> Any:
    match value:
        case datetime():
            return value.isoformat()
        case timedelta():
            return value.total_seconds()
        case frozenset():
            return sorted(value)
    return value
