"""Which providers may be given jobs now, and why not."""

from datetime import datetime, timedelta

from broker.fleet.health_record import Finding
from broker.guards.config import Mode
from broker.guards.store import GuardState

PROBED_LATELY = timedelta(minutes=10)
"""An older finding says nothing about now."""


def why_closed(guards: GuardState, finding: Finding | None, now: datetime) -> str | None:
    """Why a replay gives a provider nothing now, in words for people; None when it may.

    A replay is not what finds out whether a provider is back: half-open is closed for it, too.
    """
    if not guards.config.enabled:
        return f"{guards.provider} is switched off"
    if guards.mode is Mode.FORCED_OPEN:
        return f"{guards.provider} is closed for maintenance"
    if guards.mode is Mode.AUTO and guards.state != "closed":
        return f"the circuit of {guards.provider} is {guards.state.replace('_', '-')}"
    if guards.held_until is not None and guards.held_until > now:
        return f"{guards.provider} has asked for patience until {guards.held_until:%H:%M:%S}Z"
    if finding is not None and not finding.healthy and finding.at > finding.since:
        return f"{guards.provider} was found unhealthy twice"
    return None


def has_been_well(guards: GuardState, finding: Finding | None, now: datetime, span: timedelta) -> bool:
    """Whether a provider has been healthy, and its circuit closed, for at least that long. Without probes this is not known."""
    if (
        finding is None
        or not finding.healthy
        or finding.since > now - span
        or finding.at < now - max(span, PROBED_LATELY)
    ):
        return False
    if guards.since is not None and guards.since > now - span:
        return False
    return guards.state == "closed" and why_closed(guards, finding, now) is None
