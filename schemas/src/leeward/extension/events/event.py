"""Something that happened in the fleet, as an event handler receives it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Event:
    """One event. A handler may receive the same event more than once, with the same `id`.

    Attributes:
        id: unique in the fleet.
        name: its type, as `user.disabled`.
        at: when it happened, by the server's clock.
        data: what is known about it; which keys there are depends on the type (`docs/events.md`).
    """

    id: str
    name: str
    at: datetime
    data: Mapping[str, Any] = field(default_factory=dict)
