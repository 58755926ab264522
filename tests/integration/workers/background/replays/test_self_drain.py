"""What an outage left is replayed by itself once the provider is well again, by any number of hosts once."""

import itertools
import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
import redis
from sqlalchemy import Connection, Engine

from broker.fleet import health_record
from broker.guards.config import Mode
from broker.guards.store import Guards
from leeward.wire.valkey.connection import connect
from leeward_admin.admin import Admin
from storage.dead_letters.state import State
from storage.dead_letters.triage.decisions import review
from storage.replays.state import ItemOutcome, ReplayState
from tests.integration.storage.rows import claimed, failing_with, keep, letter, read
from tests.integration.workers.background.replays.fleet import jobs, work
from tests.support.waiting import wait_until
from tests.unit.storage.dead_letters.intake.dead_entries import message_of
from workers.background.replays.replay_loop import ReplayLoop
from workers.background.replays.run import Fleet
from workers.background.replays.self_drain import WHO, SelfDrain, SelfDrainConfig

CONFIG = SelfDrainConfig(actors=("sync.user",), canary=2, per_second=200)
NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)


@pytest.fixture
def fleet(engine: Engine, valkey_url: str) -> Iterator[Fleet]:
    with connect(valkey_url) as client:
        yield Fleet(engine, client, lambda: ["jellyfin"])


def drain(fleet: Fleet, *, now: datetime = NOW) -> SelfDrain:
    return SelfDrain(fleet, CONFIG, now=lambda: now)


def healthy(valkey: "redis.Redis", *, since: timedelta = timedelta(hours=1)) -> None:
    for at in (NOW - since, NOW):
        health_record.record(
            valkey, "jellyfin", healthy=True, detail="ok", latency=timedelta(), now=itertools.repeat(at).__next__
        )


def test_only_what_an_outage_left_and_nobody_has_touched_is_replayed(
    fleet: Fleet, admin: Admin, connection: Connection, valkey: "redis.Redis"
) -> None:
    healthy(valkey)
    passed = failing_with("DeadlinePassed", "the deadline passed 1 h ago")
    derived = json.dumps({"type": "AcmeDown", "provider_error": "Transient", "message": "away"})
    left, late, of_a_class_of_its_own, _, _, reviewed, again = keep(
        connection,
        letter(1),
        letter(2, reason="expired", error=passed),
        letter(8, error=derived),
        letter(3, reason="permanent"),
        letter(4, error=failing_with("KeyError", "a bug of ours")),
        letter(5),
        letter(6),
    )
    with connection.begin():
        review(connection, reviewed, 1, who="grace")
    claimed(connection, again)
    keep(connection, letter(7, message=message_of(options={"replay_of": str(again)})))

    drain(fleet).look()

    made = next(row for row in admin.replays.page(limit=9).rows if row.who == WHO)
    assert [item.dead_letter_id for item in admin.replays.every_item(made.id)] == [left, late, of_a_class_of_its_own]
    assert (made.state, made.rules.canary, made.note) == (ReplayState.RUNNING, 2, "jellyfin is well again")


def test_nothing_is_tried_before_the_provider_has_been_well_for_a_while(
    fleet: Fleet, admin: Admin, connection: Connection, valkey: "redis.Redis"
) -> None:
    keep(connection, letter(1))
    drain(fleet).look()
    healthy(valkey, since=timedelta(minutes=9))
    drain(fleet).look()
    assert admin.replays.page(limit=9).rows == []

    later = NOW + timedelta(minutes=2)
    drain(fleet, now=later).look()
    assert len(admin.replays.page(limit=9).rows) == 1

    admin.replays.cancel(admin.replays.page(limit=9).rows[0].id, who="ada")
    Guards(valkey, "jellyfin").mode(Mode.FORCED_OPEN, "ada", "maintenance")
    drain(fleet, now=later + timedelta(hours=3)).look()
    assert len(admin.replays.page(limit=9).rows) == 1


def test_after_one_that_was_stopped_or_cancelled_nothing_is_tried_for_a_while(
    fleet: Fleet, admin: Admin, connection: Connection, valkey: "redis.Redis"
) -> None:
    keep(connection, letter(1))
    now = datetime.now(UTC)
    for at in (now - timedelta(hours=1), now + timedelta(hours=2)):
        health_record.record(
            valkey, "jellyfin", healthy=True, detail="ok", latency=timedelta(), now=itertools.repeat(at).__next__
        )
    drain(fleet, now=now).look()
    admin.replays.cancel(admin.replays.page(limit=9).rows[0].id, who="ada")

    drain(fleet, now=now).look()
    assert len(admin.replays.page(limit=9).rows) == 1
    drain(fleet, now=now + timedelta(hours=2)).look()
    assert len(admin.replays.page(limit=9).rows) == 2


def test_two_hosts_make_one_replay_and_run_it_to_its_end(
    fleet: Fleet, admin: Admin, connection: Connection, valkey: "redis.Redis", valkey_url: str
) -> None:
    ids = keep(connection, *(letter(number) for number in range(60)))
    healthy(valkey)
    barrier = threading.Barrier(2)

    def look(self_drain: SelfDrain) -> None:
        barrier.wait()
        self_drain.look()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(look, [drain(fleet), drain(fleet)]))
    (made,) = admin.replays.page(limit=9).rows
    hosts = [ReplayLoop(fleet, drain(fleet)) for _ in range(2)]
    for host in hosts:
        host.start()
    seen: list[str] = []

    def is_finished() -> bool:
        if jobs(valkey):
            work(valkey_url, lambda job: seen.append(job.user))
            fleet.drain()
        return admin.replays.get(made.id).replay.state is ReplayState.FINISHED

    wait_until(is_finished, description="the end of the replay", timeout=60)
    for host in hosts:
        assert host.stop()

    assert sorted(seen) == sorted(f"user-{number}" for number in range(60))
    assert admin.replays.get(made.id).counts[ItemOutcome.DONE] == 60
    assert {read(connection, id_).state for id_ in ids} == {State.RECOVERED}
    assert len(admin.replays.page(limit=9).rows) == 1
