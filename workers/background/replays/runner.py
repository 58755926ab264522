"""One turn of a replay after the other: look at its rules, take what may go, enqueue it, confirm it."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import redis
from sqlalchemy import Connection

from storage.replays import counters
from storage.replays.claim_results import confirm, hand_back, note_duplicates
from storage.replays.claims import BATCH, Claim, claim, unconfirmed
from storage.replays.queries import get
from storage.replays.rules import Canary, Rules, canary, canary_room, is_failing
from storage.replays.state import ReplayState
from storage.replays.steps import note_wait, step
from storage.replays.views import Replay
from workers.background.replays.enqueue import enqueue
from workers.background.replays.missing_jobs import MissingJobs
from workers.background.replays.velocity import Velocities
from workers.background.replays.watch import closed_doors

LOOK = timedelta(milliseconds=500)
"""How often rules, doors and the state are looked at while nothing goes: a pause acts within this."""
BEAT = timedelta(milliseconds=40)
"""The shortest wait for a velocity: below it the round trips cost more than the batch."""
_NO_WAIT = timedelta(0)


@dataclass(frozen=True, slots=True)
class Turn:
    """What a turn did.

    Attributes:
        state: the replay's, at its end.
        went: how many were enqueued.
        wait: how long nothing can go.
        all_enqueued: nothing is left to enqueue; its jobs may not have ended.
    """

    state: ReplayState
    went: int = 0
    wait: timedelta = LOOK
    all_enqueued: bool = False


class Runner:
    """Runs one replay, a turn at a time, for as long as its tenure lasts. For one thread.

    Args:
        connection: of the tenure; everything is written through it.
        client: of the fleet's Valkey; answers in bytes.
        replay: as it was read.
        drain: empties the outboxes once, so that what has ended is known to have ended.
        clock: seconds that only go forward.
        now: the time, aware.
        batch: how many at most a turn.
    """

    def __init__(
        self,
        connection: Connection,
        client: redis.Redis,
        replay: Replay,
        *,
        drain: Callable[[], None],
        clock: Callable[[], float],
        now: Callable[[], datetime],
        batch: int = BATCH,
    ) -> None:
        self._connection = connection
        self._client = client
        self._replay = replay
        self._clock = clock
        self._now = now
        self._batch = batch
        self._paces = Velocities()
        self._lost = MissingJobs(connection, client, drain, clock)
        self._looked_at: float | None = None
        self._passed: Rules | None = None
        self._room = 0
        self._pending: list[str] = []
        self._closed: dict[str, str] = {}
        self._waits: tuple[str, datetime] | None = None
        with connection.begin():
            self._after = dict.fromkeys(counters.providers(connection, replay.id), 0)

    def finish_what_was_begun(self) -> int:
        """Enqueues what a dead runner had claimed; the outboxes must have been drained. Returns how many.

        Raises:
            Unavailable, redis.RedisError, sqlalchemy.exc.SQLAlchemyError: a server cannot be reached. Do it again.
        """
        finished = 0
        while claims := self._left_behind():
            self._enqueue(claims)
            finished += len(claims)
        return finished

    def turn(self) -> Turn:
        """Does what can be done now.

        Raises:
            Unavailable, redis.RedisError, sqlalchemy.exc.SQLAlchemyError: a server cannot be reached. Begin again with a new runner.
        """
        if self._looked_at is None or self._clock() - self._looked_at >= LOOK.total_seconds():
            self._look()
        if self._replay.state is not ReplayState.RUNNING:
            return Turn(self._replay.state)
        if not self._pending:
            return self._await_the_end()
        if not self._room:
            return self._wait("its canary to end")
        open_ones = [provider for provider in self._pending if provider not in self._closed]
        if not open_ones:
            return self._wait("; ".join(sorted(self._closed.values())))
        return self._go(open_ones)

    def _go(self, providers: list[str]) -> Turn:
        now, replay = self._clock(), self._replay
        self._paces.set(replay.rules.per_second, replay.rules.per_second_each, list(self._after), now)
        size = self._paces.most_in_all(self._room, now)
        most = self._paces.most(providers, size, now)
        if not size or not most:
            wait = timedelta(seconds=self._paces.wait_seconds(providers, now))
            return Turn(replay.state, wait=min(max(wait, BEAT), LOOK))
        claims = self._claim(most, size)
        self._paces.spend(Counter(each.provider for each in claims), now)
        return Turn(replay.state, went=self._enqueue(claims), wait=_NO_WAIT)

    def _claim(self, most: dict[str, int], size: int) -> Sequence[Claim]:
        with self._connection.begin():
            batch = claim(self._connection, self._replay, most, after=self._after, size=size)
            if self._waits is not None:
                note_wait(self._connection, self._replay.id, None)
        self._waits = None
        self._after.update(batch.through or {})
        if not (batch.claims or batch.refused):
            # It was moved, or these providers have nothing left.
            self._looked_at = None
        if self._passed is None:
            self._room -= len(batch.claims)
        return batch.claims

    def _enqueue(self, claims: Sequence[Claim]) -> int:
        if not claims:
            return 0
        ending = enqueue(self._client, claims, self._now())
        with self._connection.begin():
            confirm(self._connection, self._replay, ending.queued)
            note_duplicates(self._connection, self._replay, ending.duplicates)
            hand_back(self._connection, self._replay, ending.refused)
        if ending.duplicates or ending.refused:
            # They are no part of the canary.
            self._looked_at = None
        return len(ending.queued)

    def _left_behind(self) -> list[Claim]:
        with self._connection.begin():
            return unconfirmed(self._connection, self._replay.id)

    def _look(self) -> None:
        """Reads everything that others may have changed; stops the replay when its rules say so."""
        self._looked_at = self._clock()
        with self._connection.begin():
            # Locked, so that what the rules decide and what a person decides come one after the other.
            self._replay = get(self._connection, self._replay.id, lock=True)
            self._pending = counters.pending_providers(self._connection, self._replay.id, self._after)
            if self._replay.state is not ReplayState.RUNNING:
                return
            cause = self._why_stop()
            if cause is not None:
                self._replay = step(self._connection, self._replay.id, ReplayState.STOPPED, cause=cause)
        self._closed = closed_doors(self._client, self._pending, self._now)

    def _why_stop(self) -> str | None:
        rules = self._replay.rules
        if self._passed != rules:
            self._passed = None
            trial = counters.trial(self._connection, self._replay)
            verdict = canary(rules, trial)
            if verdict is Canary.FAILED:
                return f"its canary failed: {trial.dead_again} of {trial.enqueued} died again, {rules.canary_failures} allowed"
            self._room = canary_room(rules, trial)
            if verdict is Canary.PASSED:
                self._passed, self._room = rules, self._batch
        died = counters.lately_died(self._connection, self._replay)
        if is_failing(rules, died):
            return f"{sum(died)} of the {len(died)} that ended last died again: more than {rules.stop_ratio:.0%}"
        return None

    def _await_the_end(self) -> Turn:
        self._lost.look(self._replay)
        with self._connection.begin():
            self._replay = get(self._connection, self._replay.id, lock=True)
            is_running = self._replay.state is ReplayState.RUNNING
            if is_running and not counters.is_under_way(self._connection, self._replay.id):
                self._replay = step(self._connection, self._replay.id, ReplayState.FINISHED)
        if self._replay.state is not ReplayState.RUNNING:
            return Turn(self._replay.state, all_enqueued=True)
        return replace(self._wait("its last jobs to end"), all_enqueued=True)

    def _wait(self, what: str) -> Turn:
        self._lost.look(self._replay)
        if self._waits is None or self._waits[0] != what:
            self._waits = (what, self._now())
            cause = f"waits for {what}, since {self._waits[1]:%Y-%m-%d %H:%M:%S}Z"
            with self._connection.begin():
                note_wait(self._connection, self._replay.id, cause)
        return Turn(self._replay.state)
