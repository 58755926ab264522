"""What `leeward provider list` shows of each provider."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from console.cli.providers.views import because, condition_text, diagnosis_of, document_of, limit_of, mode_of
from console.cli.terminal.tables.listing import Column, Listing

if TYPE_CHECKING:
    from leeward_admin import Finding, GuardState


@dataclass(frozen=True, slots=True)
class ProviderRow:
    """A provider's guards, and what its latest probe found."""

    guards: "GuardState"
    health: "Finding | None"

    @property
    def condition(self) -> str:
        """How it is, in one word or two."""
        return condition_text(self.guards, healthy=None if self.health is None else self.health.healthy)

    @property
    def health_text(self) -> str:
        """What people read of its health."""
        if self.health is None:
            return "unknown"
        return "healthy" if self.health.healthy else f"unhealthy: {self.health.detail}"


PROVIDERS: Listing[ProviderRow] = Listing(
    name="providers",
    columns=(
        Column(key="provider", value=lambda row: row.guards.provider),
        Column(key="condition", heading="state", value=lambda row: row.condition),
        Column(key="state", heading="circuit", value=lambda row: row.guards.state, wide=True),
        Column(key="mode", value=lambda row: row.guards.mode, text=lambda row: mode_of(row.guards), wide=True),
        Column(key="in_use", heading="running", value=lambda row: row.guards.in_use),
        Column(key="limit", value=lambda row: row.guards.limit, text=lambda row: limit_of(row.guards)),
        Column(
            key="rate",
            heading="rate/s",
            value=lambda row: row.guards.config.rate,
            text=lambda row: row.guards.config.rate or "none",
        ),
        Column(
            key="healthy",
            heading="health",
            value=lambda row: row.health and row.health.healthy,
            text=lambda row: row.health_text,
            cut=True,
        ),
        Column(key="because", value=lambda row: because(row.guards), wrap=True),
    ),
    more=lambda row: document_of(row.guards) | {"diagnosis": diagnosis_of(row.guards)},
)
