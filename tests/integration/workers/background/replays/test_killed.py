"""A replay whose runner is killed at its worst moments, and two at once."""

import random
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from uuid import UUID

import pytest
import redis
from sqlalchemy import Connection

from leeward import SyncUser
from leeward.wire.keys import ProviderKeys
from leeward_admin.admin import Admin
from middleware.order import rings
from storage.dead_letters.search.filter import Filter
from storage.dead_letters.state import State
from storage.replays.creation import NothingToReplay
from storage.replays.rules import Rules
from storage.replays.state import ItemOutcome, ReplayState
from tests.integration.storage.rows import keep, letter, read
from tests.integration.workers.background.replays.fleet import (
    declare_sync,
    enqueue_all,
    jobs,
    made,
    outcomes,
    replay,
    waiting,
    work,
)
from tests.support.fleets.workers_under_test import broker_at, working
from tests.support.processes import ROOT, RunningProcess
from tests.support.waiting import wait_until

LETTERS = 20
RUNNER = [sys.executable, "-m", "tests.integration.workers.background.replays.runner_process"]


@pytest.fixture
def letters(connection: Connection) -> list[UUID]:
    return keep(connection, *(letter(number) for number in range(LETTERS)))


def die(when: str, id_: UUID, valkey_url: str, database_url: str) -> None:
    """A runner that is killed `before` or `after` Valkey has made the first batch durable."""
    ended = subprocess.run(
        [*RUNNER, valkey_url, database_url, when, str(id_)], cwd=ROOT, check=False, timeout=60, capture_output=True
    )
    assert ended.returncode == -signal.SIGKILL, ended.stderr.decode()


@pytest.mark.parametrize(("when", "enqueued"), [("before", 0), ("after", LETTERS)])
def test_what_a_killed_runner_began_is_finished_by_the_next_one_and_nothing_is_done_twice(
    letters: list[UUID],
    admin: Admin,
    connection: Connection,
    valkey: "redis.Redis",
    valkey_url: str,
    database_url: str,
    when: str,
    enqueued: int,
) -> None:
    id_ = made(admin)
    die(when, id_, valkey_url, database_url)
    assert len(jobs(valkey)) == enqueued
    left = {item.outcome for item in admin.replays.every_item(id_)}
    assert left == {ItemOutcome.CLAIMED}

    enqueue_all(admin, id_)

    items = list(admin.replays.every_item(id_))
    assert outcomes(items) == dict.fromkeys(letters, ItemOutcome.QUEUED)
    assert sorted(waiting(valkey)) == sorted(str(item.job_id) for item in items)
    seen: list[str] = []
    work(valkey_url, lambda job: seen.append(job.user))
    admin.dead_letters.drain()
    assert sorted(seen) == sorted(f"user-{number}" for number in range(LETTERS))
    assert {read(connection, id_).state for id_ in letters} == {State.RECOVERED}
    with pytest.raises(NothingToReplay):
        replay(admin)


@pytest.mark.parametrize("outcome_kept", [True, False])
def test_jobs_that_ended_before_the_next_runner_came_are_not_done_again(
    letters: list[UUID], admin: Admin, valkey: "redis.Redis", valkey_url: str, database_url: str, outcome_kept: bool
) -> None:
    id_ = made(admin)
    die("after", id_, valkey_url, database_url)
    seen: list[str] = []
    work(valkey_url, lambda job: seen.append(job.user))
    if not outcome_kept:  # as after its time to live
        kept = valkey.keys(f"{ProviderKeys('jellyfin').root}outcome:*")
        assert len(kept) == LETTERS
        valkey.delete(*kept)

    *_, progress = admin.replays.follow(id_)

    assert len(seen) == LETTERS
    assert jobs(valkey) == {}
    assert progress.replay.state is ReplayState.FINISHED
    assert progress.counts[ItemOutcome.DONE] == LETTERS
    assert len(admin.dead_letters.page(Filter(states=(State.RECOVERED,)), limit=99).rows) == LETTERS


@pytest.mark.parametrize("moved_to", ["pause", "cancel"])
def test_what_a_killed_runner_began_is_finished_though_the_replay_was_moved_meanwhile(
    connection: Connection,
    admin: Admin,
    valkey: "redis.Redis",
    valkey_url: str,
    database_url: str,
    moved_to: str,
    start_process: Callable[..., RunningProcess],
) -> None:
    keep(connection, *(letter(number) for number in range(600)))
    id_ = made(admin)
    die("before", id_, valkey_url, database_url)
    getattr(admin.replays, moved_to)(id_, who="ada")

    start_process([*RUNNER, valkey_url, database_url, "never"], cwd=ROOT)

    wait_until(
        lambda: not admin.replays.get(id_).counts[ItemOutcome.CLAIMED], description="the claims' end", timeout=30
    )
    counts = admin.replays.get(id_).counts
    assert (counts[ItemOutcome.QUEUED], counts[ItemOutcome.PENDING]) == (500, 100)
    assert len(jobs(valkey)) == 500


def test_a_runner_that_is_killed_again_and_again_at_any_point_replays_every_row_once(
    connection: Connection,
    admin: Admin,
    valkey_url: str,
    database_url: str,
    start_process: Callable[..., RunningProcess],
) -> None:
    number_of_letters, kills = 2_000, 4
    keep(connection, *(letter(number) for number in range(number_of_letters)))
    id_ = made(admin, rules=Rules(canary=10))
    seen: list[str] = []
    with broker_at(valkey_url, middleware=rings()) as broker:
        declare_sync(broker, lambda job: seen.append(job.user))
        with working(broker, threads=8):
            for kill in range(kills):
                runner = start_process([*RUNNER, valkey_url, database_url, "never"], cwd=ROOT)
                spot = random.uniform(kill, kill + 1) / kills * number_of_letters
                wait_until(partial(_has_enqueued, admin, id_, spot), description="a good moment", timeout=60)
                runner.send(signal.SIGKILL)
            start_process([*RUNNER, valkey_url, database_url, "never"], cwd=ROOT)
            wait_until(
                lambda: admin.replays.get(id_).replay.state is ReplayState.FINISHED, description="the end", timeout=60
            )

    assert set(Counter(seen).values()) == {1}
    assert len(seen) == number_of_letters
    assert admin.replays.get(id_).counts[ItemOutcome.DONE] == number_of_letters


def _has_enqueued(admin: Admin, id_: UUID, letters: float) -> bool:
    return _enqueued(admin, id_) >= letters


def _enqueued(admin: Admin, id_: UUID) -> int:
    counts = admin.replays.get(id_).counts
    return sum(counts.values()) - counts[ItemOutcome.PENDING]


def test_twenty_replays_made_at_once_over_overlapping_filters_double_nothing(
    connection: Connection, admin: Admin, valkey: "redis.Redis"
) -> None:
    ids = keep(connection, *(letter(number) for number in range(700)))

    def one(number: int) -> UUID:
        chosen = ids[number * 30 : number * 30 + 130]
        return made(admin, *chosen)

    with ThreadPoolExecutor(20) as pool:
        replays = list(pool.map(one, range(20)))
        list(pool.map(lambda id_: enqueue_all(admin, id_), replays))

    items = [item for id_ in replays for item in admin.replays.every_item(id_)]
    queued = [item.dead_letter_id for item in items if item.outcome is ItemOutcome.QUEUED]
    assert len(items) == 20 * 130
    assert sorted(queued) == ids
    assert len(jobs(valkey)) == len(waiting(valkey)) == 700
    taken = {item.why for item in items if item.outcome is ItemOutcome.REFUSED}
    assert taken == {"ada has taken it: it is requeued"}
    users = Counter(SyncUser.from_payload(job.kwargs["payload"])[0].user for job in jobs(valkey).values())
    assert users == Counter(f"user-{number}" for number in range(700))
