"""Enqueues the rows of an outbox for as long as it runs."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

import psycopg
import redis
import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import ProgrammingError, SQLAlchemyError

from broker.threads.vital_thread import VitalThread
from leeward.errors import NotPermitted, NoWorker, Unavailable
from storage.database.fitness import UnfitDatabase
from storage.outbox_rows import figures
from storage.outbox_rows.figures import Refused, WaitingRows
from storage.outbox_rows.shard import Shard, shards
from workers.relay.listener import Listener
from workers.relay.mover import Moved, Mover

_log = structlog.get_logger(__name__)

VALKEY, POSTGRESQL, UNKNOWN = "valkey", "postgresql", "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class RelayOptions:
    """How a relay paces itself.

    Attributes:
        sweep: how often the whole outbox is looked at, notified or not.
        figures: how often its rows are counted, at least; rarer where counting takes long.
        stop_latency: how long it may take to notice that it is to stop.
        first_pause, longest_pause: the back-off while a server cannot be reached; each pause is up to twice the one before.
    """

    sweep: timedelta = timedelta(seconds=1)
    figures: timedelta = timedelta(seconds=5)
    stop_latency: timedelta = timedelta(milliseconds=200)
    first_pause: timedelta = timedelta(milliseconds=100)
    longest_pause: timedelta = timedelta(seconds=5)


@dataclass(slots=True)
class RelaySign:
    """How a relay is; to be read from any thread.

    Attributes:
        away: `valkey`, `postgresql` or `unknown`, which cannot be reached, or None.
        problem: what is wrong, in words; None while nothing is.
        reached_at: when all was well last, on the relay's clock.
        waiting, refused: what is in the outbox, as of the last count; None before the first.
        failures: how often a server could not be reached.
    """

    reached_at: float
    away: str | None = None
    problem: str | None = None
    waiting: list[WaitingRows] | None = None
    refused: list[Refused] = field(default_factory=list)
    failures: int = 0


class Relay(VitalThread):
    """A thread that moves an outbox. Any number of them, anywhere, do no harm to each other and share the work by shards.

    Failure stance: while PostgreSQL or Valkey cannot be reached it waits, with growing pauses, and then continues; rows stay where they
    are.

    Args:
        engine: of the outbox's database; a session each for listening and for moving.
        client: answers in bytes.
        clock: monotonic seconds.
        options: the pace.
    """

    def __init__(
        self,
        engine: Engine,
        client: redis.Redis,
        *,
        clock: Callable[[], float] = time.monotonic,
        options: RelayOptions | None = None,
    ) -> None:
        super().__init__("leeward-outbox-relay")
        self.sign = RelaySign(clock())
        self._engine = engine
        self._clock = clock
        self._options = options or RelayOptions()
        self._mover = Mover(engine, client, clock=clock)
        self._shards: dict[Shard, None] = {}
        self._denied: set[str] = set()
        self._pause = self._options.first_pause
        self._sweep_at = self._count_at = clock()

    @property
    def moved(self) -> Moved:
        """What it has done since its start."""
        return self._mover.moved

    @property
    def quiet(self) -> timedelta:
        """How long ago both servers were last reached."""
        return timedelta(seconds=max(0.0, self._clock() - self.sign.reached_at))

    def stop(self, timeout: timedelta) -> bool:
        """Lets the batch at hand finish. Returns whether the thread has ended in time."""
        self.ask_to_stop()
        if self.is_alive():
            self.join(timeout.total_seconds())
        return not self.is_alive()

    def serve(self) -> None:
        while not self.is_stopping:
            try:
                with Listener(self._engine) as listener:
                    # What was committed while it did not listen is found by a sweep.
                    self._sweep_at = self._count_at = self._clock()
                    while not self.is_stopping:
                        self._round(listener)
            except Exception as error:  # must survive every error: no other thread moves the outbox
                self._mover.forget()
                self._rest(_of_postgresql(error), error)

    def _round(self, listener: Listener) -> None:
        self.move()
        if self._clock() >= self._sweep_at:
            self._sweep(listener)
        left = timedelta(seconds=max(0.0, self._sweep_at - self._clock()))
        heard = listener.wait(timedelta(0) if self._shards else min(left, self._options.stop_latency))
        self._shards |= dict.fromkeys(heard)
        try:
            self._move_each()
        except Unavailable as error:
            self._rest(VALKEY, error)
        else:
            self._note_presence()

    def _move_each(self) -> None:
        """Each shard once, so that one with many rows does not delay the others. Those that have more stay."""
        for shard in list(self._shards):
            if self.is_stopping:
                return
            if not self._try(shard):
                del self._shards[shard]

    def _try(self, shard: Shard) -> bool:
        try:
            has_more = self._mover.move(shard)
        except NotPermitted as error:  # of this provider alone, maybe
            self._mover.pause(shard.provider)
            self._denied.add(shard.provider)
            self._complain(VALKEY, error)
            return False
        self._denied.discard(shard.provider)
        return has_more

    def _sweep(self, listener: Listener) -> None:
        with self._engine.connect() as connection:
            self._shards |= dict.fromkeys(shards(connection))
            if self._clock() >= self._count_at:
                began = self._clock()
                self.sign.waiting, self.sign.refused = figures.waiting(connection), figures.refused(connection)
                listener.check()
                # Of a long outbox the count is not to take more than a twentieth of the time.
                pause_seconds = max(self._options.figures.total_seconds(), 20 * (self._clock() - began))
                self._count_at = self._clock() + pause_seconds
            self._return_known()
        self._sweep_at = self._clock() + self._options.sweep.total_seconds()

    def _return_known(self) -> None:
        """Rows whose provider has come to be known meanwhile wait again."""
        if not any(one.code == NoWorker.code for one in self.sign.refused):
            return
        with self._engine.begin() as connection:
            for queue in figures.queues_refused_for(connection, NoWorker.code):
                try:
                    known = self._mover.destinations.unknown(queue) is None
                except Unavailable:
                    return
                if known and (rows := figures.return_queue(connection, NoWorker.code, queue)):
                    _log.info("outbox_rows_returned", queue=queue, rows=rows)

    def _rest(self, away: str, error: Exception) -> None:
        self.sign.failures += 1
        self._complain(away, error)
        self.rest(random.uniform(0.5, 1) * self._pause.total_seconds())
        self._pause = min(self._pause * 2, self._options.longest_pause)

    def _complain(self, away: str, error: Exception) -> None:
        problem = _sentence(error)
        if self.sign.problem != problem:
            _log.warning("outbox_relay_waits", away=away, error=problem)
        self.sign.away, self.sign.problem = away, problem

    def _note_presence(self) -> None:
        self.sign.reached_at, self._pause = self._clock(), self._options.first_pause
        if self.sign.away is not None and not self._denied:
            _log.info("outbox_relay_resumed", was_away=self.sign.away)
            self.sign.away = self.sign.problem = None


def _of_postgresql(error: Exception) -> str:
    return POSTGRESQL if isinstance(error, SQLAlchemyError | psycopg.Error) else UNKNOWN


def _sentence(error: Exception) -> str:
    """Without parameters: those are jobs, with their secrets."""
    if isinstance(error, ProgrammingError) and getattr(error.orig, "sqlstate", None) == "42P01":
        return "the database has no table leeward_outbox: run `leeward outbox migrate`, or adopt it (docs/outbox.md)"
    if isinstance(error, UnfitDatabase):
        return str(error)
    cause = getattr(error, "orig", None) or error
    return f"{type(cause).__name__}: {(str(cause).strip().splitlines() or [''])[0]}"
