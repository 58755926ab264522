"""Steps about the outbox of a producer's database."""

from dataclasses import dataclass
from typing import ClassVar

from leeward.actions.action import Action


@dataclass(frozen=True, slots=True)
class StartRelay(Action):
    """Start a relay, which enqueues what waits in the outbox."""

    kind: ClassVar[str] = "start_relay"
    changes: ClassVar[bool] = True


@dataclass(frozen=True, slots=True)
class MigrateOutbox(Action):
    """Make the table of the outbox."""

    kind: ClassVar[str] = "migrate_outbox"
    changes: ClassVar[bool] = True


@dataclass(frozen=True, slots=True)
class ListRefusedRows(Action):
    """Look at the rows of the outbox that can never be enqueued."""

    kind: ClassVar[str] = "list_refused_rows"
