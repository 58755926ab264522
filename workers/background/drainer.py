"""Brings dead jobs from the outboxes into PostgreSQL for as long as it runs."""

import random
import time
import traceback
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

import redis
import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError, ProgrammingError, SQLAlchemyError

from broker.fleet.outbox import Lag, Outbox, OutboxListener, OutboxUnavailable
from broker.threads.vital_thread import VitalThread
from leeward.extension import Failure
from leeward.redaction import cleaned
from storage.database.fitness import UnfitDatabase
from storage.dead_letters.intake.drain import drain
from workers.background.group_maintenance import GroupMaintenance
from workers.background.partition_maintenance import PartitionMaintenance
from workers.background.published_kinds import PublishedKinds
from workers.background.schema_watch import SchemaWatch
from workers.monitoring.readiness import DrainSign

_log = structlog.get_logger(__name__)

POSTGRESQL = "postgresql"
STOP_LATENCY = timedelta(milliseconds=200)


@dataclass(frozen=True, slots=True)
class DrainerOptions:
    """How a drainer paces itself.

    Attributes:
        sweep: how often every outbox is looked at, rung or not.
        batch: entries per transaction.
        first_pause, longest_pause: the back-off while PostgreSQL or Valkey cannot be reached; each pause is up to twice the one before.
    """

    sweep: timedelta = timedelta(seconds=5)
    batch: int = 250
    first_pause: timedelta = timedelta(milliseconds=100)
    longest_pause: timedelta = timedelta(seconds=5)

    def __post_init__(self) -> None:
        if not timedelta(0) < self.first_pause <= self.longest_pause:
            raise ValueError(
                f"first_pause ({self.first_pause}) must be above zero and at most longest_pause ({self.longest_pause})"
            )
        if self.sweep <= timedelta(0) or self.batch < 1:
            raise ValueError(f"sweep ({self.sweep}) and batch ({self.batch}) must be above zero")


@dataclass(slots=True)
class DrainerCounts:
    """What a drainer has done and seen; to be read by metrics, from any thread.

    Attributes:
        drained: entries that are in PostgreSQL and off their outbox since the start; what another drainer was first to write counts, too.
        failures: passes that ended because a server could not be reached.
        away: `postgresql`, `valkey`, `unknown`, or None while all is well.
        reached_at: when both servers were last reached, on the drainer's clock.
        unfit: why the database cannot be used although it answers; None when nothing is known against it.
        lags: what waits at each provider, as of the last pass. A provider that was never read is absent.
    """

    drained: int
    failures: int
    away: str | None
    reached_at: float
    unfit: str | None
    lags: dict[str, Lag]


class Drainer(VitalThread):
    """A thread that empties the outboxes of all providers. Any number of them, on any hosts, do no harm to each other.

    Failure stance: while PostgreSQL or Valkey cannot be reached it waits, with growing pauses, and then continues; entries stay in their
    outbox.

    Args:
        client: answers in bytes; may be shared.
        engine: may be shared.
        providers: names of the providers there are; asked at every sweep.
        clock: monotonic seconds.
        options: the pace.
        recover: called while PostgreSQL cannot be reached, before each pause; returns whether it can be reached again.
    """

    def __init__(
        self,
        client: redis.Redis,
        engine: Engine,
        providers: Callable[[], Iterable[str]],
        *,
        clock: Callable[[], float] = time.monotonic,
        options: DrainerOptions | None = None,
        recover: Callable[[Failure], bool] = lambda _: False,
    ) -> None:
        super().__init__("leeward-drainer")
        self.counts = DrainerCounts(drained=0, failures=0, away=None, reached_at=clock(), unfit=None, lags={})
        self._client = client
        self._engine = engine
        self._providers = providers
        self._clock = clock
        self._options = options or DrainerOptions()
        self._recover = recover
        self._lost: Failure | None = None
        self._kinds = PublishedKinds(client, engine)
        self._schema = SchemaWatch(engine)
        self._grouping = GroupMaintenance(engine)
        self._months = PartitionMaintenance(engine, clock=clock)

    @property
    def sign(self) -> DrainSign:
        """How the drain is now; from any thread, also while this one hangs."""
        quiet = timedelta(seconds=max(0.0, self._clock() - self.counts.reached_at))
        return DrainSign(unfit=self.counts.unfit, away=self.counts.away, quiet=quiet)

    def stop(self, timeout: timedelta | None = None) -> bool:
        """Lets the batch at hand finish, and starts no other. Returns whether the thread has ended in time."""
        self.ask_to_stop()
        if self.is_alive():
            self.join(None if timeout is None else timeout.total_seconds())
        return not self.is_alive()

    def serve(self) -> None:
        pause = self._options.first_pause
        while not self.is_stopping:
            drained = self.counts.drained
            try:
                self._serve()
            except Exception as error:  # must survive every error: no other thread empties the outboxes
                self._note_absence(error)
                is_back = isinstance(error, OperationalError) and self._try_recovery(_failure(error))
                pause = self._options.first_pause if is_back or self.counts.drained > drained else pause
                self.rest(random.uniform(0.5, 1) * pause.total_seconds())
                pause = min(pause * 2, self._options.longest_pause)

    def sweep(self) -> None:
        """Empties every outbox once.

        Raises:
            sqlalchemy.exc.SQLAlchemyError, OutboxUnavailable: a server cannot be reached; the entries stay.
        """
        self._empty(self._providers())

    def _serve(self) -> None:
        with OutboxListener(self._client) as bell:
            while not self.is_stopping:
                self.sweep()
                self._look_at_schema()
                self._kinds.look()
                bell.check()
                self._note_presence()
                if self.counts.unfit is None:
                    self._grouping.look()
                    self._months.look()
                self._answer_rings(bell, until=self._clock() + self._options.sweep.total_seconds())

    def _look_at_schema(self) -> None:
        self._schema.look()
        self.counts.unfit = self._schema.problem

    def _answer_rings(self, bell: OutboxListener, *, until: float) -> None:
        while not self.is_stopping and (left := until - self._clock()) > 0:
            self._empty(bell.wait(min(STOP_LATENCY, timedelta(seconds=left))))
            self._grouping.go_on()

    def _empty(self, providers: Iterable[str]) -> None:
        # All lags first: they matter most while PostgreSQL cannot be reached and no outbox is emptied.
        outboxes = {provider: Outbox(self._client, provider) for provider in providers}
        self._note_lags({provider: outbox.lag() for provider, outbox in outboxes.items()})
        problem: SQLAlchemyError | None = None
        for provider, outbox in outboxes.items():
            try:
                if self.counts.lags[provider].entries:
                    self._empty_one(provider, outbox)
            except OperationalError:
                raise
            except SQLAlchemyError as error:  # of this provider's entries alone, maybe
                problem = error
        if problem is not None:
            raise problem

    def _empty_one(self, provider: str, outbox: Outbox) -> None:
        last: str | None = None
        while not self.is_stopping and (entries := outbox.read(self._options.batch, after=last)):
            # What cannot be stored stays behind `last`: it must not keep the others from their turn.
            last = entries[-1][0]
            self._kinds.look()
            with self._engine.connect() as connection:
                stored = drain(connection, provider, entries)
            outbox.forget(stored)
            self.counts.drained += len(stored)
            self.counts.reached_at = self._clock()
        self._note_lags({provider: outbox.lag()})

    def _note_lags(self, lags: dict[str, Lag]) -> None:
        # A new dictionary, because others may be reading the old one.
        self.counts.lags = self.counts.lags | lags

    def _note_absence(self, error: Exception) -> None:
        away = _who_is_away(error)
        self.counts.failures += 1
        if isinstance(error, UnfitDatabase):
            self.counts.unfit = str(error)
        elif isinstance(error, ProgrammingError):  # a table that is not there
            with suppress(SQLAlchemyError):
                self._look_at_schema()
        if self.counts.away != away:
            self.counts.away = away
            # No traceback: some renderers show local variables, and those are dead jobs with their secrets.
            where = traceback.extract_tb(error.__traceback__)[-1]
            _log.warning(
                "drainer_interrupted",
                away=away,
                error=f"{type(error).__name__}: {error}",
                where=f"{where.name}:{where.lineno}",
            )

    def _try_recovery(self, failure: Failure) -> bool:
        is_back = self._recover(failure)
        self._lost = None if is_back else failure
        return is_back

    def _note_presence(self) -> None:
        self.counts.reached_at = self._clock()
        if self._lost is not None:  # it came back between an attempt and this pass: the record must say so, too
            self._try_recovery(self._lost)
        if self.counts.away is not None:
            _log.info("drainer_resumed", was_away=self.counts.away)
            self.counts.away = None


def _failure(error: OperationalError) -> Failure:
    return Failure(of=POSTGRESQL, operation="drain", text=cleaned(str(error.orig).partition("\n")[0]))


def _who_is_away(error: Exception) -> str:
    match error:
        case SQLAlchemyError():
            return POSTGRESQL
        case OutboxUnavailable():
            return "valkey"
    return "unknown"
