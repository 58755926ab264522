"""Running a replay to its end, whatever goes away meanwhile."""

import random
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import redis
import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from broker.fleet.outbox import OutboxUnavailable
from leeward.errors import Unavailable
from storage.replays.queries import get
from storage.replays.runner_lock import runner_lock
from storage.replays.state import ReplayState
from workers.background.drainer import Drainer
from workers.background.replays.runner import Runner, Turn

_log = structlog.get_logger(__name__)

FIRST_PAUSE = timedelta(milliseconds=100)
LONGEST_PAUSE = timedelta(seconds=5)
AWAY = (SQLAlchemyError, redis.RedisError, Unavailable, OutboxUnavailable)


@dataclass(frozen=True, slots=True)
class Fleet:
    """What a replay is run with.

    Attributes:
        engine: of the dead letters' database.
        client: of the fleet's Valkey; answers in bytes.
        providers: names of the providers there are.
    """

    engine: Engine
    client: redis.Redis
    providers: Callable[[], Iterable[str]]

    def drain(self) -> None:
        """Brings what waits in the outboxes into the database.

        Raises:
            sqlalchemy.exc.SQLAlchemyError, OutboxUnavailable, redis.RedisError: a server cannot be reached.
        """
        Drainer(self.client, self.engine, self.providers).sweep()


def run(fleet: Fleet, replay_id: UUID, stopping: threading.Event, *, until_enqueued: bool = False) -> None:
    """Runs a replay until it is no longer running, `stopping` is set, or another process runs it; or until everything is enqueued.

    Failure stance: while PostgreSQL or Valkey cannot be reached it waits, with growing pauses, and then continues. May be killed at any
    point: the process that runs the replay next completes what was begun.
    """
    pause = FIRST_PAUSE
    while not stopping.is_set():
        began = time.monotonic()
        try:
            _run(fleet, replay_id, stopping, until_enqueued=until_enqueued)
        except AWAY as error:
            # No traceback: some renderers show local variables, and those are dead jobs.
            _log.warning("replay_interrupted", replay=str(replay_id), error=f"{type(error).__name__}: {error}")
            lasted = timedelta(seconds=time.monotonic() - began)
            pause = FIRST_PAUSE if lasted > LONGEST_PAUSE else min(pause * 2, LONGEST_PAUSE)
            stopping.wait(random.uniform(0.5, 1) * pause.total_seconds())
        else:
            return


def _run(fleet: Fleet, replay_id: UUID, stopping: threading.Event, *, until_enqueued: bool) -> None:
    with runner_lock(fleet.engine, replay_id) as connection:
        if connection is None:
            return
        with connection.begin():
            replay = get(connection, replay_id)
        runner = Runner(
            connection,
            fleet.client,
            replay,
            drain=fleet.drain,
            clock=time.monotonic,
            now=lambda: datetime.now(UTC),
        )
        fleet.drain()
        runner.finish_what_was_begun()
        while not stopping.is_set():
            turn = runner.turn()
            if _is_over(turn, until_enqueued=until_enqueued):
                return
            stopping.wait(turn.wait.total_seconds())


def _is_over(turn: Turn, *, until_enqueued: bool) -> bool:
    return turn.state is not ReplayState.RUNNING or (until_enqueued and turn.all_enqueued)
