"""From one state of a replay to the next. The rule, and the one statement that does it."""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from uuid import UUID

from sqlalchemy import Connection, func, update

from leeward.errors import Conflict
from storage.payloads.sanitise import beginning
from storage.replays.queries import get
from storage.replays.rules import Rules
from storage.replays.state import ReplayState
from storage.replays.views import Replay
from storage.tables import replays

CAUSE_LIMIT = 1_000

FROM: Mapping[ReplayState, tuple[ReplayState, ...]] = MappingProxyType(
    {
        ReplayState.PLANNED: (),
        ReplayState.RUNNING: (ReplayState.PLANNED, ReplayState.PAUSED, ReplayState.STOPPED, ReplayState.RUNNING),
        ReplayState.PAUSED: (ReplayState.PLANNED, ReplayState.RUNNING),
        ReplayState.STOPPED: (ReplayState.RUNNING,),
        ReplayState.CANCELLED: (ReplayState.PLANNED, ReplayState.RUNNING, ReplayState.PAUSED, ReplayState.STOPPED),
        ReplayState.FINISHED: (ReplayState.RUNNING,),
    }
)
"""Where each state may be entered from. Running from running is a change of its rules."""

_ENDED = (ReplayState.STOPPED, ReplayState.CANCELLED, ReplayState.FINISHED)


class ReplayChanged(Conflict):
    """Raised when the replay was changed since it was read.

    Attributes:
        current: the replay as it is now.
    """

    code = "replay_changed"

    def __init__(self, current: Replay) -> None:
        super().__init__(
            f"replay {current.id} has changed since you read it: it is {current.state}, at version {current.version};"
            " look at it again, then decide"
        )
        self.current = current


class ImpossibleReplayStep(Conflict):
    """Raised when a replay's state does not allow what was asked.

    Attributes:
        current: the replay as it is now.
        wanted: the state that was asked for.
    """

    code = "impossible_replay_step"

    def __init__(self, current: Replay, wanted: ReplayState) -> None:
        super().__init__(
            f"replay {current.id} is {current.state}: only {' or '.join(FROM[wanted])} ones can be {wanted}"
        )
        self.current = current
        self.wanted = wanted


def step(
    connection: Connection,
    id_: UUID,
    to: ReplayState,
    *,
    cause: str | None = None,
    version: int | None = None,
    rules: Rules | None = None,
) -> Replay:
    """Moves a replay on, and returns it as it is then.

    Args:
        connection: in a transaction.
        id_: the replay.
        to: where to.
        cause: why, for people.
        version: what the caller has seen; None to move whatever was seen.
        rules: new ones; None to keep them. One that had been stopped starts its counts again.

    Raises:
        UnknownReplay, ReplayChanged, ImpossibleReplayStep: nothing was changed.
    """
    current = get(connection, id_, lock=True)
    if version not in (None, current.version):
        raise ReplayChanged(current)
    if current.state not in FROM[to]:
        raise ImpossibleReplayStep(current, to)
    row = replays.c
    change = update(replays).where(row.id == id_)
    change = change.values(
        state=to.value,
        version=row.version + 1,
        cause=None if cause is None else beginning(cause, CAUSE_LIMIT),
        rules=_rules(connection, current, rules).document(),
        started_at=func.coalesce(row.started_at, func.now()) if to is ReplayState.RUNNING else row.started_at,
        ended_at=func.now() if to in _ENDED else None,
    )
    return Replay.of(connection.execute(change.returning(replays)).one())


def note_wait(connection: Connection, id_: UUID, cause: str | None) -> None:
    """Says what a running replay waits for; None when it does not. No new version: nothing was decided."""
    row = replays.c
    text = None if cause is None else beginning(cause, CAUSE_LIMIT)
    change = update(replays).where(row.id == id_, row.state == ReplayState.RUNNING, row.cause.is_distinct_from(text))
    connection.execute(change.values(cause=text))


def _rules(connection: Connection, current: Replay, rules: Rules | None) -> Rules:
    kept = rules or current.rules
    if current.state is ReplayState.STOPPED:
        return replace(kept, counted_since=connection.execute(func.now().select()).scalar_one())
    return replace(kept, counted_since=current.rules.counted_since)
