"""A replay that is killed at its worst moments, and two at once."""

import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest
import redis
from sqlalchemy import Connection, Engine

from leeward import SyncUser
from leeward.connection import connect
from leeward.keys import ProviderKeys
from storage.dead_letters import Filter
from storage.state import State
from tests.integration.storage.rows import keep, letter, read
from tests.integration.workers.replay.fleet import endings, jobs, replay, waiting, work
from tests.support.processes import ROOT
from workers.admin import Admin
from workers.replay import Ending, Replay, Replayed
from workers.replay_selection import Selection

LETTERS = 20
DOOMED = """
import os, signal, sys
from leeward import script
from leeward.connection import connect
from storage.dead_letters import Filter
from storage.engine import create_engine
from workers.replay import Replay
from workers.replay_selection import Selection

when, valkey_url, database_url = sys.argv[1:]
client = connect(valkey_url)
send = script.ask

def dying(client, *command):
    if when == "before":
        os.kill(os.getpid(), signal.SIGKILL)
    reply = send(client, *command)
    os.kill(os.getpid(), signal.SIGKILL)

script.ask = dying
list(Replay(create_engine(database_url), client, who="doomed").run(Selection(Filter())))
"""


@pytest.fixture
def letters(connection: Connection) -> list[UUID]:
    return keep(connection, *(letter(number) for number in range(LETTERS)))


def die(when: str, valkey_url: str, database_url: str) -> None:
    """A replay of everything that is killed `before` or `after` Valkey has made the first batch durable."""
    command = [sys.executable, "-c", DOOMED, when, valkey_url, database_url]
    ended = subprocess.run(command, cwd=ROOT, check=False, timeout=60)
    assert ended.returncode == -signal.SIGKILL


@pytest.mark.parametrize(("when", "enqueued"), [("before", 0), ("after", LETTERS)])
def test_what_a_killed_replay_began_is_finished_by_the_next_one_and_nothing_is_done_twice(
    letters: list[UUID],
    admin: Admin,
    connection: Connection,
    valkey: "redis.Redis",
    valkey_url: str,
    database_url: str,
    when: str,
    enqueued: int,
) -> None:
    die(when, valkey_url, database_url)
    assert len(jobs(valkey)) == enqueued
    left = read(connection, letters[0])
    assert (left.state, left.replayed_at) == (State.REQUEUED, None)

    items = replay(admin)

    assert endings(items) == dict.fromkeys(letters, Ending.QUEUED)
    assert all(item.resumed for item in items)
    assert sorted(waiting(valkey)) == sorted(str(item.job_id) for item in items)
    assert items[0].job_id == left.replayed_as
    seen: list[str] = []
    work(valkey_url, lambda job: seen.append(job.user))
    admin.dead_letters.drain()
    assert sorted(seen) == sorted(f"user-{number}" for number in range(LETTERS))
    assert {read(connection, id_).state for id_ in letters} == {State.RECOVERED}
    assert replay(admin) == []


@pytest.mark.parametrize("outcome_kept", [True, False])
def test_jobs_that_ended_before_the_next_run_are_not_done_again(
    letters: list[UUID], admin: Admin, valkey: "redis.Redis", valkey_url: str, database_url: str, outcome_kept: bool
) -> None:
    die("after", valkey_url, database_url)
    seen: list[str] = []
    work(valkey_url, lambda job: seen.append(job.user))
    if not outcome_kept:  # as after its time to live
        outcomes = valkey.keys(f"{ProviderKeys('jellyfin').root}outcome:*")
        assert len(outcomes) == LETTERS
        valkey.delete(*outcomes)

    replay(admin)

    assert len(seen) == LETTERS
    assert jobs(valkey) == {}
    assert admin.dead_letters.page(Filter(states=(State.RECOVERED,)), limit=99).rows
    assert len(admin.dead_letters.page(Filter(states=(State.RECOVERED,)), limit=99).rows) == LETTERS


def test_a_job_that_ended_is_found_by_its_outcome_while_its_recovery_is_not_yet_in_postgresql(
    letters: list[UUID], engine: Engine, valkey: "redis.Redis", valkey_url: str, database_url: str
) -> None:
    die("after", valkey_url, database_url)
    work(valkey_url, lambda _job: None)

    with connect(valkey_url) as client:
        items = list(Replay(engine, client, who="ada").run(Selection(Filter())))

    assert endings(items) == dict.fromkeys(letters, Ending.QUEUED)
    assert jobs(valkey) == {}


def test_a_run_that_is_closed_in_the_middle_is_completed_by_the_next(
    connection: Connection, admin: Admin, valkey: "redis.Redis"
) -> None:
    ids = keep(connection, *(letter(number) for number in range(600)))
    run = admin.dead_letters.replay(Selection(Filter()), who="ada")
    first = [next(run).dead_letter_id for _ in range(3)]

    run.close()
    items = replay(admin)

    assert first == ids[:3]
    assert len(jobs(valkey)) == 600
    assert len(waiting(valkey)) == 600
    assert {item.dead_letter_id for item in items} | set(ids[:250]) == set(ids)


def test_two_runs_at_once_share_the_work_and_double_nothing(
    connection: Connection, engine: Engine, valkey_url: str, valkey: "redis.Redis"
) -> None:
    ids = keep(connection, *(letter(number) for number in range(900)))

    def run(name: str) -> list[Replayed]:
        with connect(valkey_url) as client:
            return list(Replay(engine, client, who=name).run(Selection(Filter())))

    with ThreadPoolExecutor(2) as pool:
        one, other = pool.map(run, ["ada", "grace"])

    assert sorted(item.dead_letter_id for item in [*one, *other]) == sorted(ids)
    assert len(waiting(valkey)) == len(set(waiting(valkey))) == 900
    assert sorted(SyncUser.from_payload(job.kwargs["payload"])[0].user for job in jobs(valkey).values()) == sorted(
        f"user-{number}" for number in range(900)
    )
