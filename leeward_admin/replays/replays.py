"""The replays of a fleet, for people."""

import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import Engine

from leeward.actions import Action, ListReplays
from leeward_admin.dead_letters.next_steps import next_steps
from leeward_admin.lookup.id_beginnings import IdKind, whole_uuid
from leeward_admin.replays.progress import Progress
from storage.database.id_beginnings import uuids_beginning
from storage.dead_letters.letter.queries import UnknownDeadLetter
from storage.dead_letters.letter.queries import get as get_letter
from storage.replays import counters, creation, queries, steps
from storage.replays.queries import ReplayPage, UnknownReplay
from storage.replays.rules import Rules, Trial
from storage.replays.selection import Selection
from storage.replays.state import ItemOutcome, ReplayState
from storage.replays.views import Item, Replay
from storage.tables import replays
from workers.background.replays.dry_run import Plan, plan

if TYPE_CHECKING:
    from workers.background.replays.run import Fleet

LOOK = timedelta(milliseconds=250)
_PAGE = 500
REPLAY = IdKind("a replay", "replays", UnknownReplay, (ListReplays(),))


class Replays:
    """Plans, makes, steers and runs them. Each call is a transaction of its own. Thread-safe.

    Args:
        engine: of the dead letters' database.
        fleet: what replays are run with; asked for only to run one.
    """

    def __init__(self, engine: Engine, fleet: "Callable[[], Fleet]") -> None:
        self._engine = engine
        self._fleet = fleet

    def plan(self, selection: Selection) -> Plan:
        """What a replay would do. Changes nothing.

        Raises:
            InvalidFilter: the filter asks for states that cannot be replayed.
        """
        with self._engine.connect() as connection:
            return plan(connection, selection)

    def create(self, selection: Selection, rules: Rules, *, who: str, note: str = "", start: bool = True) -> Replay:
        """Fixes its set and, unless it is only to be planned, makes it run: this process or a worker host runs it.

        Raises:
            InvalidFilter, NothingToReplay: nothing was made.
        """
        with self._engine.begin() as connection:
            replay = creation.create(connection, selection, rules, who=who, note=note)
            return steps.step(connection, replay.id, ReplayState.RUNNING) if start else replay

    def page(
        self, *, states: Sequence[ReplayState] = (), limit: int, after: tuple[datetime, UUID] | None = None
    ) -> ReplayPage:
        """A part of the list, newest first."""
        with self._engine.connect() as connection:
            return queries.page(connection, states=states, limit=limit, after=after)

    def get(self, id_: UUID) -> Progress:
        """One, as it stands.

        Raises:
            UnknownReplay: there is none.
        """
        with self._engine.connect() as connection:
            return Progress(queries.get(connection, id_), queries.counts(connection, [id_])[id_])

    def id_of(self, text: str) -> UUID:
        """The id of a replay of which a person typed the whole or the beginning. Whether a whole one exists is not looked at.

        Raises:
            InvalidFilter: it is not an id, nor the beginning of one.
            AmbiguousId: several begin so.
            UnknownReplay: none does.
        """
        return whole_uuid(text, self._beginning_so, kind=REPLAY)

    def _beginning_so(self, text: str, limit: int) -> list[UUID]:
        with self._engine.connect() as connection:
            return uuids_beginning(connection, replays.c.id, text, limit=limit)

    def counts(self, ids: Sequence[UUID]) -> dict[UUID, dict[ItemOutcome, int]]:
        """How many items of each of these replays have each outcome."""
        with self._engine.connect() as connection:
            return queries.counts(connection, ids)

    def canary(self, replay: Replay) -> Trial:
        """How its canary did: the latest, where it had more than one. All zeros for a replay without."""
        with self._engine.connect() as connection:
            return counters.trial(connection, replay)

    def items(self, id_: UUID, *, outcomes: Sequence[ItemOutcome] = (), limit: int, after: int = 0) -> list[Item]:
        """Its items behind a position, in their order."""
        with self._engine.connect() as connection:
            return queries.items(connection, id_, outcomes=outcomes, limit=limit, after=after)

    def every_item(self, id_: UUID, *, outcomes: Sequence[ItemOutcome] = ()) -> Iterator[Item]:
        """All of them, in their order; any number fits in memory."""
        after = 0
        while found := self.items(id_, outcomes=outcomes, limit=_PAGE, after=after):
            yield from found
            after = found[-1].position

    def next_steps(self, item: Item) -> tuple[Action, ...]:
        """What can be done about the dead letter of an item that was refused; nothing when it is gone."""
        with self._engine.connect() as connection, suppress(UnknownDeadLetter):
            return next_steps(get_letter(connection, item.dead_letter_id))
        return ()

    def pause(self, id_: UUID, *, who: str, version: int | None = None) -> Replay:
        """Enqueues nothing more until it is resumed; the jobs that it has enqueued still run.

        Raises:
            UnknownReplay, ReplayChanged, ImpossibleReplayStep: nothing was changed.
        """
        return self._step(id_, ReplayState.PAUSED, cause=f"paused by {who}", version=version)

    def resume(self, id_: UUID, *, rules: Rules | None = None, version: int | None = None) -> Replay:
        """Continues it, with other rules if given; for one that runs, only those change. One that had been stopped begins with a
        canary again.

        Raises:
            UnknownReplay, ReplayChanged, ImpossibleReplayStep: nothing was changed.
        """
        return self._step(id_, ReplayState.RUNNING, version=version, rules=rules)

    def cancel(self, id_: UUID, *, who: str, version: int | None = None) -> Replay:
        """Ends it for good. What is enqueued stays; what is not is as if the replay had never been.

        Raises:
            UnknownReplay, ReplayChanged, ImpossibleReplayStep: nothing was changed.
        """
        return self._step(id_, ReplayState.CANCELLED, cause=f"cancelled by {who}", version=version)

    def follow(self, id_: UUID, *, until_enqueued: bool = False) -> Generator[Progress]:
        """Runs it here, unless another process does, and reports its progress several times a second, until it is no longer running.

        May be closed at any point: the current batch is finished, and worker hosts continue.

        Args:
            id_: the replay.
            until_enqueued: end as soon as nothing is left to enqueue; worker hosts see it to its end.
        """
        from workers.background.drainer import Drainer

        fleet, stopping, failures = self._fleet(), threading.Event(), list[Exception]()
        runner = threading.Thread(
            target=_keep_running, args=(fleet, id_, stopping, until_enqueued, failures), daemon=True
        )
        # Its rules need the outcomes, and there may be no host that reads them.
        drainer = Drainer(fleet.client, fleet.engine, fleet.providers)
        drainer.start()
        runner.start()
        try:
            while True:
                runner.join(LOOK.total_seconds())
                if failures:
                    raise failures[0]
                progress = self.get(id_)
                yield progress
                over = until_enqueued and progress.all_enqueued
                if over or progress.replay.state is not ReplayState.RUNNING:
                    return
        finally:
            stopping.set()
            runner.join()
            drainer.stop()

    def _step(
        self,
        id_: UUID,
        to: ReplayState,
        *,
        cause: str | None = None,
        version: int | None = None,
        rules: Rules | None = None,
    ) -> Replay:
        with self._engine.begin() as connection:
            return steps.step(connection, id_, to, cause=cause, version=version, rules=rules)


def _keep_running(
    fleet: "Fleet", id_: UUID, stopping: threading.Event, until_enqueued: bool, failures: list[Exception]
) -> None:
    """Also takes over from another process that stops running it. What goes wrong here is for the thread that follows to raise."""
    from workers.background.replays.run import run

    try:
        while not stopping.is_set():
            run(fleet, id_, stopping, until_enqueued=until_enqueued)
            stopping.wait(LOOK.total_seconds())
    except Exception as error:
        failures.append(error)
