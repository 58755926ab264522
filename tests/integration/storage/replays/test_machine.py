"""Replays, runners that die, jobs that end and people who decide, in any order: what is promised holds after every step."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import Connection, Engine, text

from storage.dead_letters.intake.recovery import mark_recovered
from storage.dead_letters.search.filter import Filter
from storage.dead_letters.state import OPEN, State
from storage.dead_letters.triage.decisions import discard
from storage.replays.claim_results import Unreplayed, confirm, hand_back
from storage.replays.claims import Claim, claim, unconfirmed
from storage.replays.counters import is_under_way
from storage.replays.creation import create
from storage.replays.queries import counts, get, items
from storage.replays.rules import Rules
from storage.replays.selection import Selection
from storage.replays.state import ItemOutcome, ReplayState
from storage.replays.steps import FROM, step
from storage.tables import dead_letters, replay_items
from tests.integration.storage.rows import keep, letter, read
from tests.support.examples import examples
from tests.unit.storage.dead_letters.intake.dead_entries import message_of

LETTERS = 12
OPEN_ENDS = (ItemOutcome.PENDING, ItemOutcome.CLAIMED, ItemOutcome.QUEUED)


class Replaying(RuleBasedStateMachine):
    """The fleet is `jobs`: what was enqueued, and how often it was run."""

    engine: Engine

    @initialize()
    def begin(self) -> None:
        self.connection: Connection = self.engine.connect()
        with self.connection.begin():
            self.connection.execute(text("TRUNCATE dead_letters, replays, replay_items, dead_letter_changes"))
        self.deaths = 0
        self.letters = keep(self.connection, *(letter(number) for number in range(LETTERS)))
        self.replays: list[UUID] = []
        self.held: dict[UUID, list[Claim]] = {}
        self.jobs: dict[str, UUID] = {}
        self.final: dict[tuple[UUID, int], ItemOutcome] = {}

    def teardown(self) -> None:
        if hasattr(self, "connection"):
            self.finish_everything()
            self.connection.close()

    @precondition(lambda self: len(self.replays) < 3)
    @rule(first=st.integers(0, LETTERS - 1), number=st.integers(1, LETTERS))
    def create(self, first: int, number: int) -> None:
        chosen = self.letters[first : first + number]
        with self.transaction() as connection:
            if not [id_ for id_ in chosen if read_state(connection, id_) in OPEN]:
                return
            made = create(connection, Selection(filter=Filter(ids=tuple(chosen))), Rules(), who="ada")
            self.replays.append(made.id)

    @precondition(lambda self: self.replays)
    @rule(data=st.data(), to=st.sampled_from(list(ReplayState)))
    def move(self, data: st.DataObject, to: ReplayState) -> None:
        id_ = data.draw(st.sampled_from(self.replays))
        with self.transaction() as connection:
            current = get(connection, id_).state
            if to is not ReplayState.FINISHED and current in FROM[to]:
                step(connection, id_, to)

    @precondition(lambda self: self.replays)
    @rule(data=st.data(), size=st.integers(1, 5))
    def claim(self, data: st.DataObject, size: int) -> None:
        """A runner completes what it holds before it takes more."""
        id_ = data.draw(st.sampled_from(self.replays))
        if self.held.get(id_):
            return
        with self.transaction() as connection:
            replay = get(connection, id_)
            batch = claim(connection, replay, {"jellyfin": size}, size=size)
        assert replay.state is ReplayState.RUNNING or not batch.claims
        self.held[id_] = list(batch.claims)

    @precondition(lambda self: any(self.held.values()))
    @rule(data=st.data(), enqueued=st.booleans())
    def crash(self, data: st.DataObject, enqueued: bool) -> None:
        """Before or after the jobs were enqueued; the next runner enqueues the same ones."""
        id_ = data.draw(st.sampled_from([id_ for id_, claims in self.held.items() if claims]))
        if enqueued:
            self.enqueue(self.held[id_])
        with self.transaction() as connection:
            left = unconfirmed(connection, id_)
        claimed = {each.position: each for each in self.held[id_]}
        assert all(claimed[each.position] == each for each in left)
        self.held[id_] = left

    @precondition(lambda self: any(self.held.values()))
    @rule(data=st.data(), refused=st.integers(0, 2))
    def confirm(self, data: st.DataObject, refused: int) -> None:
        id_ = data.draw(st.sampled_from([id_ for id_, claims in self.held.items() if claims]))
        self.complete(id_, refused)

    @precondition(lambda self: self.jobs)
    @rule(data=st.data(), dies=st.booleans())
    def end(self, data: st.DataObject, dies: bool) -> None:
        self.end_job(data.draw(st.sampled_from(sorted(self.jobs))), dies=dies)

    @rule(data=st.data())
    def discard(self, data: st.DataObject) -> None:
        id_ = data.draw(st.sampled_from(self.letters))
        found = read(self.connection, id_)
        if found.state in OPEN:
            with self.transaction() as connection:
                discard(connection, id_, found.version, who="grace", note="no")

    @invariant()
    def no_letter_is_claimed_by_two(self) -> None:
        row = replay_items.c
        query = text(
            "SELECT dead_letter_id FROM replay_items WHERE outcome IN ('claimed', 'queued') GROUP BY 1 HAVING count(*) > 1"
        )
        with self.transaction() as connection:
            assert connection.execute(query).all() == []
            held = connection.execute(
                dead_letters.select().where(dead_letters.c.state == "requeued", dead_letters.c.finished_at.is_(None))
            ).all()
            claimed = connection.execute(replay_items.select().where(row.outcome.in_(["claimed", "queued"]))).all()
        assert {each.id for each in held} == {each.dead_letter_id for each in claimed}

    @invariant()
    def an_item_that_has_ended_stays_so_and_the_counts_add_up(self) -> None:
        with self.transaction() as connection:
            for id_ in self.replays:
                found = items(connection, id_, limit=99)
                assert sum(counts(connection, [id_])[id_].values()) == len(found) == get(connection, id_).letters
                for item in found:
                    before = self.final.get((id_, item.position))
                    assert before in (None, item.outcome)
                    if item.outcome not in OPEN_ENDS:
                        assert item.ended_at is not None
                        self.final[id_, item.position] = item.outcome

    def complete(self, id_: UUID, refused: int = 0) -> None:
        claims = self.held.pop(id_)
        # What the fleet has may not be handed back, and what has ended is known to have.
        back = [each for each in claims if each.job_id not in self.jobs][:refused]
        self.enqueue([each for each in claims if each not in back])
        with self.transaction() as connection:
            replay = get(connection, id_)
            confirm(connection, replay, [each for each in claims if each not in back])
            hand_back(connection, replay, [Unreplayed(each.position, each.dead_letter_id, "no") for each in back])

    def enqueue(self, claims: list[Claim]) -> None:
        with self.transaction() as connection:
            for each in claims:
                state = read_state(connection, each.dead_letter_id)
                if state is State.REQUEUED and not self.has_ended(connection, each):
                    self.jobs[each.job_id] = each.dead_letter_id

    def has_ended(self, connection: Connection, claim_: Claim) -> bool:
        row = dead_letters.c
        return (
            connection.execute(
                dead_letters.select().where(row.id == claim_.dead_letter_id, row.finished_at.is_not(None))
            ).one_or_none()
            is not None
        )

    def end_job(self, job: str, *, dies: bool) -> None:
        id_ = self.jobs.pop(job)
        if not dies:
            with self.transaction() as connection:
                mark_recovered(connection, {id_: job})
            return
        self.deaths += 1
        message = message_of(message_id=job, options={"replay_of": str(id_)})
        self.letters += keep(self.connection, letter(1_000 + self.deaths, message=message))

    def finish_everything(self) -> None:
        """Every run ends: whoever comes next completes it."""
        for id_ in list(self.held):
            self.complete(id_)
        for job in sorted(self.jobs):
            self.end_job(job, dies=False)
        with self.transaction() as connection:
            for id_ in self.replays:
                assert not is_under_way(connection, id_)

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        with self.connection.begin():
            yield self.connection


def read_state(connection: Connection, id_: UUID) -> State:
    return State(connection.execute(dead_letters.select().where(dead_letters.c.id == id_)).one().state)


@pytest.mark.timeout(300)
def test_whatever_happens_in_whatever_order(engine: Engine) -> None:
    machine: Any = type("Replaying", (Replaying,), {"engine": engine})

    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples(25), stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
