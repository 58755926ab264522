import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, text

from leeward import SyncUser
from storage.dead_letter_events import EventKind
from storage.dead_letters import (
    Claim,
    Filter,
    InvalidFilter,
    claim_for_replay,
    confirm_duplicate,
    confirm_replayed,
    forecast,
    mark_recovered,
    refuse,
)
from storage.state import State
from tests.integration.storage.rows import events, keep, letter, read
from tests.support.waiting import wait_until
from tests.unit.storage.dead_entries import message_of

ROOT = Path(__file__).parents[3]


def claimed(engine: Engine, filter_: Filter | None = None, **options: int | None) -> list[Claim]:
    batches = claim_for_replay(engine, filter_ or Filter(), who="ada", reason="it is back", **options)
    return [claim for batch in batches for claim in batch]


def confirm(connection: Connection, claims: list[Claim]) -> int:
    with connection.begin():
        return confirm_replayed(connection, [claim.dead_letter_id for claim in claims], who="ada")


def test_a_claim_says_all_that_an_enqueue_needs(engine: Engine, connection: Connection) -> None:
    written = letter(1, message=message_of(message_id="died", options={"idempotency_key": "invite-17"}))
    keep(connection, written)

    (claim,) = claimed(engine)

    assert (claim.dead_letter_id, claim.died_as) == (written.id, "died")
    assert (claim.provider, claim.queue, claim.actor) == ("jellyfin", "sync.jellyfin", "sync.user")
    assert (claim.message, claim.idempotency_key, claim.generation) == (written.message, "invite-17", 0)
    assert claim.job_id not in {"died", ""}
    assert not claim.resumed


def test_the_new_jobs_id_is_stored_before_the_claim_is_handed_out(engine: Engine, connection: Connection) -> None:
    keep(connection, letter(1))

    with_claims = claim_for_replay(engine, Filter(), who="ada", reason="it is back")
    (claim,) = next(with_claims)

    found = read(connection, claim.dead_letter_id)
    assert (found.state, found.replayed_as, found.replayed_at) == (State.REQUEUED, claim.job_id, None)
    with_claims.close()


def test_a_replay_is_in_the_audit(engine: Engine, connection: Connection) -> None:
    (id_,) = keep(connection, letter(1))
    claims = claimed(engine)
    assert confirm(connection, claims) == 1
    assert confirm(connection, claims) == 0

    requeued, enqueued = events(connection, id_)

    assert (requeued.event, requeued.who) == (EventKind.REQUEUED, "ada")
    assert (requeued.from_state, requeued.to_state) == (State.FAILED, State.REQUEUED)
    assert requeued.detail == {"job": claims[0].job_id, "reason": "it is back"}
    assert enqueued.event is EventKind.ENQUEUED
    assert read(connection, id_).replayed_at is not None


def test_claims_come_oldest_first_in_batches_up_to_the_limit(engine: Engine, connection: Connection) -> None:
    keep(connection, *(letter(number) for number in reversed(range(10))))

    batches = list(claim_for_replay(engine, Filter(), who="ada", reason="r", limit=7, batch=3))

    assert [len(batch) for batch in batches] == [3, 3, 1]
    assert [claim.died_as for batch in batches for claim in batch] == [f"job-{number}" for number in range(7)]
    assert len({claim.job_id for batch in batches for claim in batch}) == 7


def test_only_what_matches_and_is_open_is_claimed(engine: Engine, connection: Connection) -> None:
    keep(connection, letter(1), letter(2, provider="emby"))
    confirm(connection, claimed(engine, Filter(providers=("emby",))))

    assert [claim.died_as for claim in claimed(engine)] == ["job-1"]


@pytest.mark.parametrize("state", [State.REQUEUED, State.DISCARDED, State.RECOVERED])
def test_a_filter_for_what_cannot_be_replayed_is_refused(engine: Engine, state: State) -> None:
    with pytest.raises(InvalidFilter, match=f"{state} dead letters cannot be replayed: use state failed or reviewing"):
        next(claim_for_replay(engine, Filter(states=(state,)), who="ada", reason="r"))


def test_what_had_a_secret_or_is_no_message_is_refused_with_the_reason(engine: Engine, connection: Connection) -> None:
    job = SyncUser.model_validate({"user": "alice", "password": "correct horse"})
    ids = keep(
        connection, letter(1), letter(2, message=message_of(job)), letter(3, message=b"\xff", reason="undecodable")
    )

    with connection.begin():
        expected = forecast(connection, Filter())
        refusals = refuse(connection, Filter(), who="ada")
    claims = claimed(engine)

    assert [claim.dead_letter_id for claim in claims] == [ids[0]]
    assert [group.letters for group in expected.replayed] == [1]
    assert sorted(expected.refused.values()) == [1, 1]
    assert [id_ for id_, _ in refusals] == ids[1:]
    assert "(password): enqueue it again, with the secret" in refusals[0].why
    assert "no message" in refusals[1].why
    assert read(connection, ids[1]).state is State.FAILED
    (event,) = events(connection, ids[1])
    assert (event.event, event.detail) == (EventKind.REFUSED, {"why": refusals[0].why})


def test_what_an_earlier_replay_left_unconfirmed_comes_first_under_the_same_job_id(
    engine: Engine, connection: Connection
) -> None:
    keep(connection, *(letter(number) for number in range(5)))
    left = claimed(engine, limit=3)
    confirm(connection, left[:1])

    again = claimed(engine, batch=1)

    assert [(claim.job_id, claim.resumed) for claim in again[:2]] == [(claim.job_id, True) for claim in left[1:]]
    assert [(claim.died_as, claim.resumed) for claim in again[2:]] == [("job-3", False), ("job-4", False)]
    assert confirm(connection, again) == 4


def test_only_the_left_behind_that_match_are_resumed(engine: Engine, connection: Connection) -> None:
    keep(connection, letter(1), letter(2, provider="emby"))
    claimed(engine)

    assert [claim.died_as for claim in claimed(engine, Filter(providers=("emby",)))] == ["job-2"]


def test_what_a_living_replay_has_claimed_is_not_resumed(engine: Engine, connection: Connection) -> None:
    keep(connection, *(letter(number) for number in range(4)))
    living = claim_for_replay(engine, Filter(), who="ada", reason="r", batch=2)
    held = next(living)

    others = claimed(engine)

    assert [claim.died_as for claim in others] == ["job-2", "job-3"]
    assert [claim.died_as for claim in held] == ["job-0", "job-1"]
    living.close()
    assert [claim.died_as for claim in claimed(engine, limit=2)] == ["job-0", "job-1"]


def test_many_replays_at_once_share_the_dead_letters_between_them(engine: Engine, connection: Connection) -> None:
    keep(connection, *(letter(number) for number in range(400)))

    def replay(_: int) -> list[Claim]:
        mine: list[Claim] = []
        with engine.connect() as own:
            for batch in claim_for_replay(engine, Filter(), who="ada", reason="r", batch=7):
                mine += batch
                confirm(own, batch)
        return mine

    with ThreadPoolExecutor(4) as pool:
        shares = list(pool.map(replay, range(4)))

    claims = [claim for share in shares for claim in share]
    assert len(claims) == 400
    assert len({claim.dead_letter_id for claim in claims}) == 400
    assert len({claim.job_id for claim in claims}) == 400


def test_no_lock_is_left_when_a_replay_ends_however_it_ends(engine: Engine, connection: Connection) -> None:
    keep(connection, *(letter(number) for number in range(4)))

    def break_off() -> None:
        for _ in claim_for_replay(engine, Filter(), who="ada", reason="r", batch=1):
            raise RuntimeError

    with pytest.raises(RuntimeError):
        break_off()
    claimed(engine)

    with connection.begin():
        assert connection.execute(text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'")).scalar() == 0


def test_a_recovery_that_comes_before_the_confirmation_stands(engine: Engine, connection: Connection) -> None:
    keep(connection, letter(1))
    claims = claimed(engine)
    with connection.begin():
        mark_recovered(connection, {claims[0].dead_letter_id: claims[0].job_id})

    assert confirm(connection, claims) == 0
    assert claimed(engine) == []
    assert read(connection, claims[0].dead_letter_id).state is State.RECOVERED


@pytest.mark.parametrize(("done", "state"), [(True, State.RECOVERED), (False, State.REQUEUED)])
def test_a_duplicate_is_tied_to_the_job_that_has_the_key(
    engine: Engine, connection: Connection, done: bool, state: State
) -> None:
    keep(connection, letter(1))
    (claim,) = claimed(engine)

    with connection.begin():
        confirm_duplicate(connection, claim.dead_letter_id, "other-job", done=done, who="ada")

    found = read(connection, claim.dead_letter_id)
    assert (found.state, found.replayed_as) == (state, "other-job")
    assert events(connection, claim.dead_letter_id)[-1].event is EventKind.DUPLICATE
    assert claimed(engine) == []


RUNNER = """
import sys
from storage.dead_letters import Filter, claim_for_replay
from storage.engine import create_engine

for batch in claim_for_replay(create_engine(sys.argv[1]), Filter(), who="ada", reason="r", batch=3):
    for claim in batch:
        print(claim.dead_letter_id, claim.job_id, flush=True)
    sys.stdin.readline()
"""


def test_a_runner_killed_between_claim_and_enqueue_loses_and_doubles_nothing(
    engine: Engine, connection: Connection, database_url: str
) -> None:
    keep(connection, *(letter(number) for number in range(6)))
    command = [sys.executable, "-c", RUNNER, database_url]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) as runner:
        assert runner.stdout is not None
        promised = dict(runner.stdout.readline().split() for _ in range(3))
        os.kill(runner.pid, signal.SIGKILL)

    def is_gone() -> bool:
        with connection.begin():
            locks = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"
            return connection.execute(text(locks)).scalar() == 0

    wait_until(is_gone, description="the server notices that the runner is dead")
    resumed = claimed(engine)

    assert {str(claim.dead_letter_id): claim.job_id for claim in resumed if claim.resumed} == promised
    assert len(resumed) == 6
    assert confirm(connection, resumed) == 6
    assert claimed(engine) == []
