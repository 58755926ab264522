"""A delivery that a test pretends to run."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any


@dataclass
class Running:
    """As `leeward.extension.current.RunningJob`."""

    message_id: str = "registration"
    enqueued_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    options: dict[str, Any] = field(default_factory=dict)
    progress: dict[str, Any] | None = None
    cancelled: bool = False
    events: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)
    number: int = 1

    @property
    def message_timestamp(self) -> int:
        return int(self.enqueued_at.timestamp() * 1000)

    @property
    def idempotency_key(self) -> str | None:
        return None

    def begin_effect(self) -> None:
        pass

    def emit_event(self, name: str, data: Mapping[str, Any]) -> None:
        self.events.append((name, data))

    def emit_event_now(self, name: str, data: Mapping[str, Any]) -> None:
        if (name, data) not in self.events:
            self.events.append((name, data))

    def emit_event_if_dead(self, name: str, data: Mapping[str, Any]) -> None:
        """Such a delivery does not die."""
