"""Whatever happens to letters, and however many do it at once: the groups say what is there."""

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, delete, select, update

from storage.dead_letters.groups.refingerprint import fingerprint_batch
from storage.dead_letters.groups.rollup import roll_up, roll_up_if_free
from storage.dead_letters.intake.insert import insert_many
from storage.dead_letters.intake.new_letter import DeadLetter
from storage.dead_letters.intake.recovery import mark_recovered
from storage.dead_letters.letter.queries import UnknownDeadLetter, get
from storage.dead_letters.state import State
from storage.dead_letters.triage.decisions import DeadLetterChanged, ImpossibleStep, assign, discard, review
from storage.tables import dead_letters
from tests.integration.storage.grouped import counted, failed, told
from tests.support.examples import examples

WORDS = ("alpha", "beta", "gamma", "delta")
STEPS = 60


def some_letters(chance: random.Random, number: int) -> list[DeadLetter]:
    return [
        failed(
            chance.randrange(300),
            chance.choice(WORDS),
            ago=timedelta(hours=chance.randrange(40)),
            tenant=chance.choice((None, "a", "b")),
        )
        for _ in range(number)
    ]


def some_ids(connection: Connection, chance: random.Random, number: int) -> list[UUID]:
    """In order, so that those who change several at once do not wait for each other."""
    ids = sorted(connection.execute(select(dead_letters.c.id)).scalars())
    return sorted(chance.sample(ids, min(number, len(ids))))


def insert(connection: Connection, chance: random.Random) -> None:
    insert_many(connection, some_letters(chance, chance.randrange(1, 12)))


def triage(connection: Connection, chance: random.Random) -> None:
    step = chance.choice((review, discard, assign))
    for id_ in some_ids(connection, chance, 1):
        try:
            version = get(connection, id_).version
            if step is assign:
                assign(connection, id_, version, who="ada", owner=chance.choice((None, "bob")))
            elif step is discard:
                discard(connection, id_, version, who="ada", note="no")
            else:
                review(connection, id_, version, who="ada")
        except (DeadLetterChanged, ImpossibleStep, UnknownDeadLetter):
            pass


def replay(connection: Connection, chance: random.Random) -> None:
    """As a replay and its recovery move them, several in a statement."""
    row, ids = dead_letters.c, some_ids(connection, chance, 6)
    locked = select(row.id).where(row.id.in_(ids)).order_by(row.id).with_for_update()
    ids = list(connection.execute(locked).scalars())
    connection.execute(
        update(dead_letters).where(row.id.in_(ids), row.state.in_(("failed", "reviewing"))).values(state=State.REQUEUED)
    )
    mark_recovered(connection, dict.fromkeys(ids[::2], "a-job"))


def remove(connection: Connection, chance: random.Random) -> None:
    row, ids = dead_letters.c, some_ids(connection, chance, 3)
    locked = select(row.id).where(row.id.in_(ids)).order_by(row.id).with_for_update()
    connection.execute(delete(dead_letters).where(row.id.in_(list(connection.execute(locked).scalars()))))


def forget_groups(connection: Connection, chance: random.Random) -> None:
    """As if an older release had written them."""
    row, ids = dead_letters.c, some_ids(connection, chance, 4)
    locked = select(row.id).where(row.id.in_(ids)).order_by(row.id).with_for_update()
    ids = list(connection.execute(locked).scalars())
    connection.execute(update(dead_letters).where(row.id.in_(ids)).values(fingerprint=None))


def group_them(connection: Connection, chance: random.Random) -> None:
    fingerprint_batch(connection, limit=chance.randrange(1, 8))


def read(connection: Connection, chance: random.Random) -> None:
    roll_up(connection) if chance.random() < 0.5 else roll_up_if_free(connection)


DEEDS: tuple[Callable[[Connection, random.Random], None], ...] = (
    insert,
    triage,
    replay,
    remove,
    forget_groups,
    group_them,
    read,
)


@pytest.mark.parametrize("seed", [1, 2])
def test_counts_are_exact_after_many_have_worked_at_once(engine: Engine, connection: Connection, seed: int) -> None:
    def work(number: int) -> None:
        chance = random.Random(1_000 * seed + number)
        with engine.connect() as own:
            for _ in range(STEPS):
                deed = chance.choice(DEEDS)
                with own.begin() as transaction:
                    deed(own, chance)
                    if chance.random() < 0.1:
                        transaction.rollback()

    with ThreadPoolExecutor(5) as pool:
        list(pool.map(work, range(5)))

    with connection.begin():
        assert counted(connection)[0], "nothing was left to compare"
        while fingerprint_batch(connection):
            pass
        assert told(connection) == counted(connection)


@settings(max_examples=examples(25), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(DEEDS), st.integers(0, 2**32)), min_size=3, max_size=30))
def test_counts_are_exact_after_any_history(
    connection: Connection, history: list[tuple[Callable[..., None], int]]
) -> None:
    with connection.begin() as transaction:
        for deed, seed in history:
            deed(connection, random.Random(seed))
        expected = tuple({key: n for key, n in part.items() if key[0] is not None} for part in counted(connection))
        assert told(connection) == expected
        transaction.rollback()
