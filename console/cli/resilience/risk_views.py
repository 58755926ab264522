"""How `leeward dependency risk` shows risks."""

from typing import TYPE_CHECKING

from console.cli.terminal.tables.listing import Column, Listing, Tone

if TYPE_CHECKING:
    from datetime import timedelta

    from leeward_admin import AffectedPart, DependencyRisk

_LEVELS = {"low": Tone.PLAIN, "medium": Tone.WARNING}
_STATES = {"healthy": Tone.GOOD, "degraded": Tone.WARNING, "unknown": Tone.WARNING}

RISKS: "Listing[DependencyRisk]" = Listing(
    name="risks",
    columns=(
        Column(key="name", value=lambda one: one.name),
        Column(key="type", value=lambda one: one.type, wide=True),
        Column(key="criticality", value=lambda one: one.criticality, wide=True),
        Column(key="state", value=lambda one: one.state.value, tone=lambda one: _STATES.get(one.state.value, Tone.BAD)),
        Column(key="providers", heading="stops", value=lambda one: one.providers, text=lambda one: _stops(one)),  # noqa: PLW0108 # below
        Column(key="waiting", value=lambda one: one.waiting),
        Column(
            key="arrivals_per_minute",
            heading="jobs/min",
            value=lambda one: round(one.arrivals_per_minute, 2),
            text=lambda one: round(one.arrivals_per_minute),
        ),
        Column(key="impact", value=lambda one: one.impact, wide=True),
        Column(key="risk", value=lambda one: one.risk),
        Column(key="level", value=lambda one: one.level.value, tone=lambda one: _LEVELS.get(one.level.value, Tone.BAD)),
    ),
    more=lambda one: {
        "severity": one.severity,
        "breadth": one.breadth,
        "flow": one.flow,
        "likelihood": one.likelihood,
        "affected": [part.name for part in one.affected],
    },
)

AFFECTED: "Listing[AffectedPart]" = Listing(
    name="affected",
    columns=(
        Column(key="name", value=lambda one: one.name),
        Column(key="type", value=lambda one: one.type),
        Column(key="criticality", value=lambda one: one.criticality),
        Column(key="waiting", value=lambda one: one.waiting),
        Column(
            key="arrivals_per_minute",
            heading="jobs/min",
            value=lambda one: round(one.arrivals_per_minute, 2),
            text=lambda one: round(one.arrivals_per_minute),
        ),
        Column(
            key="full_in", value=lambda one: one.full_in, text=lambda one: one.full_in and f"in {_span(one.full_in)}"
        ),
        Column(key="path", value=lambda one: list(one.path), text=lambda one: " > ".join(one.path), wrap=True),
    ),
)


def _stops(one: "DependencyRisk") -> str:
    """How many providers stop, and how many of them are critical."""
    critical = sum(part.type == "provider" and part.criticality == "critical" for part in one.affected)
    return f"{one.providers}, {critical} critical" if critical else str(one.providers)


def summary_of(one: "DependencyRisk") -> str:
    """What stops, in a sentence or two."""
    if not one.affected:
        return f"Without {one.name}, nothing stops."
    providers = "1 provider stops" if one.providers == 1 else f"{one.providers} providers stop"
    waiting = "1 job waits" if one.waiting == 1 else f"{one.waiting:,} jobs wait"
    return (
        f"Without {one.name}, {providers}: {waiting} for them now, {one.arrivals_per_minute:.0f} a minute would join. "
        f"Impact {one.impact} of 100 ({one.level.value})."
    )


def parts_of(one: "DependencyRisk") -> str:
    """What the impact is made of."""
    flow = "there are no jobs" if one.flow is None else f"{one.flow:.0%} of the jobs"
    return f"Impact: severity {one.severity:.1f}, {one.breadth:.0%} of the providers by weight, {flow}."


def _span(span: "timedelta") -> str:
    minutes = span.total_seconds() / 60
    return f"{minutes:.0f} min" if minutes < 120 else f"{minutes / 60:.0f} h"  # noqa: PLR2004 # two hours
