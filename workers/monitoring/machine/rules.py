"""Rule: what a number means for a machine. Thresholds are fractions in use, or how long a server took."""

from datetime import timedelta

from broker.fleet.health.machines import ComponentFinding, ComponentState

MEMORY = (0.90, 0.97)
"""Degraded from the first on, unhealthy from the second. The kernel's cache counts as free."""
DISK = (0.90, 0.98)
SLOW = timedelta(seconds=1)
"""A server that takes this long for a trivial question is degraded."""
_GIB = 1024**3


def of_use(component: str, used: int, total: int, limits: tuple[float, float], what: str) -> ComponentFinding:
    """The finding for bytes in use.

    Args:
        component: its name.
        used: bytes.
        total: bytes.
        limits: from which fractions on it is degraded, and unhealthy.
        what: what is in use, for people.
    """
    fraction = used / total if total > 0 else 1.0
    degraded, unhealthy = limits
    state = ComponentState.HEALTHY
    if fraction >= degraded:
        state = ComponentState.UNHEALTHY if fraction >= unhealthy else ComponentState.DEGRADED
    detail = f"{fraction:.0%} of {total / _GIB:.1f} GiB {what} in use"
    return ComponentFinding(component=component, state=state, detail=detail, used=round(fraction, 4))


def of_answer(component: str, took: timedelta) -> ComponentFinding:
    """The finding for a server that has answered."""
    took_ms = took / timedelta(milliseconds=1)
    if took < SLOW:
        return ComponentFinding(
            component=component, state=ComponentState.HEALTHY, detail="it answers", took_ms=round(took_ms, 3)
        )
    detail = f"it takes {took.total_seconds():.1f} s to answer a trivial question"
    return ComponentFinding(
        component=component, state=ComponentState.DEGRADED, detail=detail, took_ms=round(took_ms, 3)
    )


def of_silence(component: str, problem: str, took: timedelta) -> ComponentFinding:
    """The finding for what could not be asked; `problem` holds no secret."""
    took_ms = round(took / timedelta(milliseconds=1), 3)
    return ComponentFinding(component=component, state=ComponentState.UNHEALTHY, detail=problem, took_ms=took_ms)
