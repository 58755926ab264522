"""One turn of a replay after the other: look at its rules, take what may go, enqueue it, confirm it."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import redis
from sqlalchemy import Connection

from storage.replays import tally
from storage.replays.claims import BATCH, Claim, claim, unconfirmed
from storage.replays.endings import confirm, hand_back, note_duplicates
from storage.replays.reading import get
from storage.replays.rules import Canary, canary, canary_room, is_failing
from storage.replays.state import ReplayState
from storage.replays.steps import note_wait, step
from storage.replays.stored import Replay
from workers.replay.enqueue import enqueue
from workers.replay.lost import LostJobs
from workers.replay.pace import Paces
from workers.replay.watch import closed_doors

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
        self._id = replay.id
        self._clock = clock
        self._now = now
        self._batch = batch
        self._paces = Paces()
        self._lost = LostJobs(connection, client, drain, clock)
        self._looked_at = -1.0
        self._passed: Replay | None = None
        self._closed: dict[str, str] = {}
        self._waits: tuple[str, datetime] | None = None
        with connection.begin():
            self._after = dict.fromkeys(tally.providers(connection, replay.id), 0)

    def finish_what_was_begun(self) -> int:
        """Enqueues what a dead runner had claimed; the outboxes must have been drained. Returns how many.

        Raises:
            Unavailable, redis.RedisError, sqlalchemy.exc.SQLAlchemyError: a server is away. Do it again.
        """
        finished = 0
        while claims := self._left_behind():
            with self._connection.begin():
                replay = get(self._connection, self._id)
            self._enqueue(replay, claims)
            finished += len(claims)
        return finished

    def turn(self) -> Turn:
        """Does what can be done now.

        Raises:
            Unavailable, redis.RedisError, sqlalchemy.exc.SQLAlchemyError: a server is away. Begin again with a new runner.
        """
        with self._connection.begin():
            replay = get(self._connection, self._id)
            if replay.state is not ReplayState.RUNNING:
                return Turn(replay.state)
            pending = tally.pending_providers(self._connection, self._id, self._after)
        if (stopped := self._stopped(replay)) is not None:
            return Turn(stopped)
        if not pending:
            return self._await_the_end(replay)
        room = self._room(replay)
        if not room:
            return self._wait(replay, "its canary to end")
        open_ones = self._open(pending)
        if not open_ones:
            return self._wait(replay, "; ".join(sorted(self._closed.values())))
        return self._go(replay, open_ones, room)

    def _go(self, replay: Replay, providers: list[str], room: int) -> Turn:
        now = self._clock()
        rules = replay.rules
        self._paces.set(rules.per_second, rules.per_second_each, list(self._after), now)
        size = self._paces.most_in_all(room, now)
        most = self._paces.most(providers, size, now)
        if not size or not most:
            wait = timedelta(seconds=self._paces.wait_seconds(providers, now))
            return Turn(replay.state, wait=min(max(wait, BEAT), LOOK))
        with self._connection.begin():
            batch = claim(self._connection, replay, most, after=self._after, size=size)
            if replay.cause is not None and not batch.is_stale:
                note_wait(self._connection, self._id, None)
        self._waits = None
        self._after.update(batch.through or {})
        self._paces.spend(Counter(each.provider for each in batch.claims), now)
        went = self._enqueue(replay, batch.claims)
        return Turn(replay.state, went=went, wait=_NO_WAIT)

    def _enqueue(self, replay: Replay, claims: Sequence[Claim]) -> int:
        if not claims:
            return 0
        ending = enqueue(self._client, claims, self._now())
        with self._connection.begin():
            confirm(self._connection, replay, ending.queued)
            note_duplicates(self._connection, replay, ending.duplicates)
            hand_back(self._connection, replay, ending.refused)
        return len(ending.queued)

    def _left_behind(self) -> list[Claim]:
        with self._connection.begin():
            return unconfirmed(self._connection, self._id)

    def _stopped(self, replay: Replay) -> ReplayState | None:
        """Looks at the rules, now and then, and stops the replay when they say so."""
        if self._clock() - self._looked_at < LOOK.total_seconds() and self._has_passed(replay):
            return None
        self._looked_at = self._clock()
        self._closed = closed_doors(self._client, self._after, self._now)
        with self._connection.begin():
            cause = self._why_stop(replay)
            if cause is None:
                return None
            return step(self._connection, self._id, ReplayState.STOPPED, cause=cause).state

    def _why_stop(self, replay: Replay) -> str | None:
        rules = replay.rules
        if not self._has_passed(replay):
            trial = tally.trial(self._connection, replay)
            verdict = canary(rules, trial)
            if verdict is Canary.FAILED:
                return (
                    f"its canary failed: {trial.dead_again} of {trial.enqueued} died again, {rules.canary_failures} may"
                )
            if verdict is Canary.PASSED:
                self._passed = replay
        died = tally.lately_died(self._connection, replay)
        if is_failing(rules, died):
            return f"{sum(died)} of the {len(died)} that ended last died again: more than {rules.stop_ratio:.0%}"
        return None

    def _has_passed(self, replay: Replay) -> bool:
        return self._passed is not None and self._passed.rules == replay.rules

    def _room(self, replay: Replay) -> int:
        if self._has_passed(replay):
            return self._batch
        with self._connection.begin():
            return min(self._batch, canary_room(replay.rules, tally.trial(self._connection, replay)))

    def _open(self, pending: list[str]) -> list[str]:
        return [provider for provider in pending if provider not in self._closed]

    def _await_the_end(self, replay: Replay) -> Turn:
        self._lost.look(replay)
        with self._connection.begin():
            if not tally.is_under_way(self._connection, self._id):
                return Turn(step(self._connection, self._id, ReplayState.FINISHED).state, all_enqueued=True)
        return self._wait(replay, "its last jobs to end", all_enqueued=True)

    def _wait(self, replay: Replay, what: str, *, all_enqueued: bool = False) -> Turn:
        if not all_enqueued:
            self._lost.look(replay)
        if self._waits is None or self._waits[0] != what:
            self._waits = (what, self._now())
            with self._connection.begin():
                note_wait(self._connection, self._id, f"waits for {what}, since {self._waits[1]:%Y-%m-%d %H:%M:%S}Z")
        return Turn(replay.state, all_enqueued=all_enqueued)
