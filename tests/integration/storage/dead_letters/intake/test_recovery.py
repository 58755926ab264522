from uuid import UUID

from sqlalchemy import Connection, select

from storage.dead_letters.audit import EventKind
from storage.dead_letters.intake.recovery import mark_recovered
from storage.dead_letters.state import State
from storage.tables import replay_items
from tests.integration.storage.rows import claimed, events, keep, letter, read
from tests.unit.storage.dead_letters.intake.dead_entries import message_of


def requeue(connection: Connection, id_: UUID) -> str:
    return claimed(connection, id_).job_id


def outcome(connection: Connection, id_: UUID) -> str:
    with connection.begin():
        return str(
            connection.execute(select(replay_items.c.outcome).where(replay_items.c.dead_letter_id == id_)).scalar_one()
        )


def recover(connection: Connection, id_: UUID, job: str) -> int:
    with connection.begin():
        return mark_recovered(connection, {id_: job})


def test_a_done_replay_recovers_its_dead_letter_once(connection: Connection) -> None:
    (id_,) = keep(connection, letter(1))
    job = requeue(connection, id_)

    assert recover(connection, id_, job) == 1
    assert recover(connection, id_, job) == 0

    found = read(connection, id_)
    assert found.state is State.RECOVERED
    assert found.finished_at is not None
    assert outcome(connection, id_) == "done"
    last = events(connection, id_)[-1]
    assert (last.event, last.detail) == (EventKind.RECOVERED, {"job": job})


def test_a_dead_letter_that_was_not_replayed_does_not_recover(connection: Connection) -> None:
    (id_,) = keep(connection, letter(1))

    assert recover(connection, id_, "some-job") == 0
    assert recover(connection, UUID(int=7), "some-job") == 0
    assert read(connection, id_).state is State.FAILED


def test_a_recovery_after_several_replays_recovers_the_whole_line(connection: Connection) -> None:
    (first,) = keep(connection, letter(1))
    requeue(connection, first)
    (second,) = keep(connection, letter(2, message=message_of(options={"replay_of": str(first)})))
    job = requeue(connection, second)

    assert recover(connection, second, job) == 2

    assert read(connection, first).state is State.RECOVERED
    assert read(connection, second).generation == 1
    assert [event.event for event in events(connection, first)] == [
        EventKind.REQUEUED,
        EventKind.DEAD_AGAIN,
        EventKind.RECOVERED,
    ]


def test_a_job_that_died_again_was_enqueued_whoever_confirmed_it(connection: Connection) -> None:
    (id_,) = keep(connection, letter(1))
    requeue(connection, id_)

    (successor,) = keep(connection, letter(2, message=message_of(options={"replay_of": str(id_)})))

    found = read(connection, id_)
    assert (found.state, found.superseded_by) == (State.REQUEUED, successor)
    assert found.finished_at is not None
    assert outcome(connection, id_) == "dead_again"
