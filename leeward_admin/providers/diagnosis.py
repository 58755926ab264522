"""Rule: what keeps a provider from taking jobs, until when, and what can be done."""

from dataclasses import dataclass
from datetime import datetime

from broker.guards.config import Mode
from broker.guards.store import GuardState
from leeward.actions import Action, EnableProvider, ProbeProvider, WaitFor

__all__ = ["ProviderDiagnosis", "diagnose"]


@dataclass(frozen=True, slots=True)
class ProviderDiagnosis:
    """What is the matter with a provider, or was last.

    Attributes:
        text: the reason, for people.
        until: when it is expected to end; None when it is over already, or that is unknown.
        actions: what can be done about it now; empty when nothing is to be done.
    """

    text: str
    until: datetime | None = None
    actions: tuple[Action, ...] = ()


def diagnose(state: GuardState, *, now: datetime) -> ProviderDiagnosis | None:
    """The decisive reason; None for a provider with which nothing is and was the matter."""
    if state.disabled_because:
        return ProviderDiagnosis(f"switched off {state.disabled_because}", None, (EnableProvider(state.provider),))
    if state.held_until and state.held_until > now:
        return _wait(state, state.held_because, state.held_until)
    if not state.cause:
        return None
    if state.mode is Mode.FORCED_OPEN:
        return _wait(state, state.cause, state.mode_until)
    if state.mode is Mode.AUTO and state.state == "open":
        return _wait(state, state.cause, state.until)
    return ProviderDiagnosis(state.cause)


def _wait(state: GuardState, text: str, until: datetime | None) -> ProviderDiagnosis:
    steps: tuple[Action, ...] = (WaitFor(state.provider, until),)
    # A provider that is held open on purpose is not to be called.
    if state.mode is Mode.AUTO:
        steps = (*steps, ProbeProvider(state.provider))
    return ProviderDiagnosis(text, until, steps)
