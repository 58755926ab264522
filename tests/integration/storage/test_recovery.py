from uuid import UUID

from sqlalchemy import Connection, Engine

from storage.dead_letter_events import EventKind
from storage.dead_letters import Filter, claim_for_replay, mark_recovered
from storage.state import State
from tests.integration.storage.rows import events, keep, letter, read
from tests.unit.storage.dead_entries import message_of


def requeue(engine: Engine, id_: UUID) -> str:
    ((claim,),) = claim_for_replay(engine, Filter(ids=(id_,)), who="ada", reason="test")
    return claim.job_id


def recover(connection: Connection, id_: UUID, job: str) -> int:
    with connection.begin():
        return mark_recovered(connection, {id_: job})


def test_a_done_replay_recovers_its_dead_letter_once(engine: Engine, connection: Connection) -> None:
    (id_,) = keep(connection, letter(1))
    job = requeue(engine, id_)

    assert recover(connection, id_, job) == 1
    assert recover(connection, id_, job) == 0

    found = read(connection, id_)
    assert found.state is State.RECOVERED
    assert found.replayed_at is not None
    last = events(connection, id_)[-1]
    assert (last.event, last.detail) == (EventKind.RECOVERED, {"job": job})


def test_a_dead_letter_that_was_not_replayed_does_not_recover(connection: Connection) -> None:
    (id_,) = keep(connection, letter(1))

    assert recover(connection, id_, "some-job") == 0
    assert recover(connection, UUID(int=7), "some-job") == 0
    assert read(connection, id_).state is State.FAILED


def test_a_recovery_after_several_replays_recovers_the_whole_line(engine: Engine, connection: Connection) -> None:
    (first,) = keep(connection, letter(1))
    requeue(engine, first)
    (second,) = keep(connection, letter(2, message=message_of(options={"replay_of": str(first)})))
    job = requeue(engine, second)

    assert recover(connection, second, job) == 2

    assert read(connection, first).state is State.RECOVERED
    assert read(connection, second).generation == 1
    assert [event.event for event in events(connection, first)] == [
        EventKind.REQUEUED,
        EventKind.DEAD_AGAIN,
        EventKind.RECOVERED,
    ]


def test_a_job_that_died_again_was_enqueued_whoever_confirmed_it(engine: Engine, connection: Connection) -> None:
    (id_,) = keep(connection, letter(1))
    requeue(engine, id_)

    keep(connection, letter(2, message=message_of(options={"replay_of": str(id_)})))

    assert read(connection, id_).replayed_at is not None
    assert list(claim_for_replay(engine, Filter(ids=(id_,)), who="ada", reason="again")) == []
