from datetime import timedelta
from typing import Any, ClassVar

import pytest
import redis

from leeward import Job, SyncUser
from leeward.jobs.secret import SecretText
from leeward.record import Catalogue, FleetRecord
from leeward.record.publication import COMPARE_EVERY, FAILURE_KEPT, Publication, publish_failure
from leeward.record.reader import FRESH
from leeward.wire.keys import PUBLISHED_KINDS, WORKERS, ProviderKeys, catalogue_key
from tests.support.answers import text
from tests.support.published import publication


class Ship(Job):
    """What release 1 knows."""

    kind: ClassVar[str] = "ship.parcel"
    version: ClassVar[int] = 1
    family: ClassVar[str] = "ship"

    provider: str = "acme"
    number: str


class ShipOfTwo(Ship):
    """The same kind and version, as release 2 has it."""

    door_code: SecretText | None = None


def _publication(client: "redis.Redis", process: str, job: type[Job] = Ship, release: str = "1") -> Publication:
    return publication(client, process, job, release=release)


def _silence(client: "redis.Redis", member_of: str, span: timedelta) -> None:
    """As if a process had said nothing for so long."""
    for member in map(text, client.zrange(WORKERS, 0, -1)):
        if member.startswith(f"{member_of} "):
            client.zadd(WORKERS, {member: (client.zscore(WORKERS, member) or 0) - span // timedelta(milliseconds=1)})


def _fields(client: "redis.Redis") -> set[str]:
    return set(FleetRecord(client).kinds()["ship.parcel@1"].payload_schema["properties"])


def test_a_machine_without_the_package_knows_a_kind_that_a_worker_has_published(valkey: "redis.Redis") -> None:
    _publication(valkey, "a:1").announce()
    record = FleetRecord(valkey)
    job = record.kinds()["ship.parcel@1"].job_class()
    assert job.model_validate({"number": "7"}).to_payload() == Ship(number="7").to_payload()
    assert record.queues() == {"ship.acme"}
    assert list(record.workers()) == ["a:1"]


def test_a_heartbeat_that_changes_nothing_is_few_commands(valkey: "redis.Redis") -> None:
    publication = _publication(valkey, "a:1")
    publication.announce()
    publication.beat()
    before = valkey.info("commandstats")
    publication.beat()
    after = valkey.info("commandstats")
    used = {
        name: after[name]["calls"] - before.get(name, {"calls": 0})["calls"] for name in after if name != "cmdstat_info"
    }
    assert {name.removeprefix("cmdstat_"): count for name, count in used.items() if count} == {
        "pexpire": 1,
        "hexists": 1,
        "evalsha": 1,
        "time": 1,
        "zadd": 1,
        "zremrangebyscore": 1,
    }


@pytest.mark.parametrize("lost", ["everything", "catalogue", "kinds"])
def test_a_heartbeat_says_again_what_valkey_has_lost(valkey: "redis.Redis", lost: str) -> None:
    publication = _publication(valkey, "a:1")
    publication.announce()
    if lost == "everything":
        valkey.flushall()
    else:
        valkey.delete(PUBLISHED_KINDS if lost == "kinds" else next(valkey.scan_iter(catalogue_key("*"))))
    publication.beat()
    record = FleetRecord(valkey)
    assert list(record.workers()) == ["a:1"]
    assert list(record.kinds()) == ["ship.parcel@1"]


def test_kinds_outlive_the_workers_and_catalogues_do_not(valkey: "redis.Redis") -> None:
    _publication(valkey, "a:1").announce()
    assert valkey.ttl(PUBLISHED_KINDS) == -1
    assert (
        0 < valkey.pttl(next(valkey.scan_iter(catalogue_key("*")))) <= timedelta(hours=1) // timedelta(milliseconds=1)
    )


def test_workers_of_one_build_share_a_catalogue(valkey: "redis.Redis") -> None:
    for process in ("a:1", "a:2", "b:1"):
        _publication(valkey, process).announce()
    assert len(list(valkey.scan_iter(catalogue_key("*")))) == 1
    assert sorted(FleetRecord(valkey).workers()) == ["a:1", "a:2", "b:1"]


def test_a_worker_that_stops_or_falls_silent_serves_nothing(valkey: "redis.Redis") -> None:
    stopped, silent = _publication(valkey, "a:1"), _publication(valkey, "a:2")
    stopped.announce()
    silent.announce()
    stopped.withdraw()
    assert list(FleetRecord(valkey).workers()) == ["a:2"]
    _silence(valkey, "a:2", FRESH)
    assert FleetRecord(valkey).queues() == frozenset()
    assert list(FleetRecord(valkey).kinds()) == ["ship.parcel@1"]


def test_a_long_silent_worker_is_forgotten(valkey: "redis.Redis") -> None:
    gone, there = _publication(valkey, "a:1"), _publication(valkey, "a:2")
    gone.announce()
    _silence(valkey, "a:1", 3 * FRESH)
    there.announce()
    assert valkey.zcard(WORKERS) == 1


def test_a_new_field_is_offered_when_the_last_worker_that_would_leave_it_out_has_gone(valkey: "redis.Redis") -> None:
    old, new = _publication(valkey, "a:1"), _publication(valkey, "a:2", ShipOfTwo, "2")
    old.announce()
    new.announce()
    assert _fields(valkey) == {"provider", "number"}
    old.withdraw()
    for _ in range(COMPARE_EVERY):
        new.beat()
    assert _fields(valkey) == {"provider", "number", "door_code"}


def test_after_a_rollback_a_field_is_offered_no_more_but_stays_secret(valkey: "redis.Redis") -> None:
    _publication(valkey, "a:1", ShipOfTwo, "2").announce()
    assert _fields(valkey) == {"provider", "number", "door_code"}
    _publication(valkey, "a:2").announce()
    assert _fields(valkey) == {"provider", "number"}
    assert FleetRecord(valkey).kinds()["ship.parcel@1"].job_class().hidden_fields == {"door_code"}


def test_a_secret_of_a_new_release_is_known_from_its_start(valkey: "redis.Redis") -> None:
    _publication(valkey, "a:1").announce()
    _publication(valkey, "a:2", ShipOfTwo, "2").announce()
    assert FleetRecord(valkey).kinds()["ship.parcel@1"].secrets == ("door_code",)


def test_a_description_that_another_worker_changes_meanwhile_is_compared_again(
    valkey: "redis.Redis", monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = _publication(valkey, "a:1", ShipOfTwo, "2"), _publication(valkey, "a:2")
    hmget = valkey.hmget

    def meanwhile(*args: Any) -> Any:
        found = hmget(*args)
        monkeypatch.undo()
        first.announce()
        return found

    monkeypatch.setattr(valkey, "hmget", meanwhile)
    second.announce()
    assert FleetRecord(valkey).kinds()["ship.parcel@1"].secrets == ("door_code",)


def test_a_reader_reads_kinds_again_only_when_one_has_changed(valkey: "redis.Redis") -> None:
    record = FleetRecord(valkey)
    assert record.kinds() == {}
    _publication(valkey, "a:1").announce()
    known = record.kinds()
    _publication(valkey, "a:2").announce()
    assert record.kinds() is known
    _publication(valkey, "a:3", SyncUser).announce()
    assert sorted(record.kinds()) == ["ship.parcel@1", "sync.user@1"]


def test_what_cannot_be_understood_hides_nothing_else(valkey: "redis.Redis") -> None:
    _publication(valkey, "a:1").announce()
    valkey.hset(PUBLISHED_KINDS, mapping={"odd@1": "{", "revision": "new"})
    valkey.zadd(WORKERS, {"b:1 gone": valkey.time()[0] * 1000, "odd": valkey.time()[0] * 1000})
    record = FleetRecord(valkey)
    assert list(record.kinds()) == ["ship.parcel@1"]
    assert list(record.workers()) == ["a:1"]


def test_a_queue_that_no_worker_serves_has_a_nearest_name(valkey: "redis.Redis") -> None:
    _publication(valkey, "a:1").announce()
    record = FleetRecord(valkey)
    assert record.unserved("ship.acme") is None
    found = record.unserved("ship.acmee")
    assert found is not None
    assert (found.nearest, str(found)) == (
        "ship.acme",
        "no worker serves the queue ship.acmee: did you mean ship.acme?",
    )
    assert str(record.unserved("mail.x")) == "no worker serves the queue mail.x: workers serve ship.acme"


def test_while_no_worker_runs_that_is_said(valkey: "redis.Redis") -> None:
    assert (
        str(FleetRecord(valkey).unserved("ship.acme")) == "no worker serves the queue ship.acme: no worker is running"
    )


@pytest.mark.parametrize("guarded", [True, False])
def test_a_worker_that_does_not_say_what_it_serves_may_serve_it(valkey: "redis.Redis", guarded: bool) -> None:
    _publication(valkey, "a:1").announce()
    keys, now_ms = ProviderKeys("old"), int(valkey.time()[0]) * 1000
    if guarded:
        valkey.zadd(keys.workers, {"b:9": now_ms})
    else:
        valkey.set(keys.seen, now_ms)
    assert FleetRecord(valkey).unserved("ship.old") is None


def test_a_worker_that_says_what_it_serves_serves_nothing_else(valkey: "redis.Redis") -> None:
    _publication(valkey, "a:1").announce()
    keys, now_ms = ProviderKeys("acme"), int(valkey.time()[0]) * 1000
    valkey.zadd(keys.workers, {"a:1": now_ms})
    valkey.set(keys.seen, now_ms)
    assert FleetRecord(valkey).unserved("mail.acme") is not None


def test_a_worker_that_cannot_start_is_shown_for_a_while_and_serves_nothing(valkey: "redis.Redis") -> None:
    publish_failure(valkey, "a:1", Catalogue(broken={"acme (leeward-acme 0.1)": "importing it raises OSError"}))
    publication(valkey, "a:2", Ship).announce()
    record = FleetRecord(valkey)
    assert dict(record.workers()["a:1"].broken) == {"acme (leeward-acme 0.1)": "importing it raises OSError"}
    assert record.queues() == {"ship.acme"}
    _silence(valkey, "a:1", FAILURE_KEPT)
    assert list(FleetRecord(valkey).workers()) == ["a:2"]
