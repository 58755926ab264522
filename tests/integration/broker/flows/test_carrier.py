"""The thread is interrupted wherever it can be: what it carries arrives once."""

import json
from typing import Any

import pytest
import redis

from broker.flows.carried import READ_AT_MOST, Handover, carry
from broker.flows.carrier import Carrier
from leeward import SyncUser
from leeward.request import follow_up_for
from leeward.wire.keys import ProviderKeys
from leeward.wire.script import Script
from tests.integration.broker.lab import T0
from tests.support.answers import text

SOURCE, TARGET = ProviderKeys("source"), ProviderKeys("jellyfin")
_read = Script("broker.flows", "read.lua")


@pytest.fixture
def carrier(valkey: "redis.Redis") -> Carrier:
    return Carrier(valkey, lambda: {"source"})


def hand_over(client: "redis.Redis", entry: Any = None) -> str:
    """Puts a follow-up on the stream; returns its job's id."""
    found = follow_up_for(SyncUser(user="alice"), "cause") if entry is None else entry
    client.xadd(SOURCE.handovers, {"kind": "job", "entry": json.dumps(found)})
    return str(found["message"]["message_id"]) if entry is None else ""


def waiting(client: "redis.Redis") -> list[str]:
    return [text(job) for job in client.lrange(TARGET.ready("sync.jellyfin", "normal"), 0, -1)]


def interrupted(carrier: Carrier, monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    """It gets no further than this command, which is not run."""

    def cut(*_: object, **__: object) -> None:
        raise redis.ConnectionError("cut")

    with monkeypatch.context() as patched:
        patched.setattr(carrier._client, command, cut)
        with pytest.raises(redis.ConnectionError):
            carrier.look("source")


@pytest.mark.parametrize("command", ["xdel", "pexpire"])
@pytest.mark.parametrize("then", ["waits", "has ended", "has ended long ago"])
def test_what_was_sent_is_not_sent_again(
    valkey: "redis.Redis", carrier: Carrier, monkeypatch: pytest.MonkeyPatch, command: str, then: str
) -> None:
    job = hand_over(valkey)
    interrupted(carrier, monkeypatch, command)
    assert waiting(valkey) == [job]
    if then != "waits":
        valkey.delete(TARGET.jobs, TARGET.places, TARGET.ready("sync.jellyfin", "normal"))
    if then == "has ended":
        valkey.set(TARGET.outcome(job), "{}")

    carrier.look("source")

    assert waiting(valkey) == ([job] if then == "waits" else [])
    assert valkey.xlen(SOURCE.handovers) == 0


def test_a_process_that_was_stopped_for_long_after_it_had_read_sends_nothing(valkey: "redis.Redis") -> None:
    hand_over(valkey)
    _, entries = _read(valkey, SOURCE.root, [T0, "-", 10])
    fields = {
        name.decode(): value.decode() for name, value in zip(entries[0][1][::2], entries[0][1][1::2], strict=True)
    }
    long_ago = _now_ms(valkey) - READ_AT_MOST.total_seconds() * 1000 - 1000

    carried = carry(valkey, Handover("source", entries[0][0].decode(), fields, round(long_ago)))

    assert not carried.is_over
    assert waiting(valkey) == []


def test_the_mark_of_what_was_sent_outlives_every_process_that_read_it(valkey: "redis.Redis", carrier: Carrier) -> None:
    hand_over(valkey)

    carrier.look("source")

    (mark,) = valkey.keys(TARGET.root.replace("{", r"\{") + "sent:*")
    assert READ_AT_MOST.total_seconds() * 1000 < valkey.pttl(mark) <= 15 * 60_000


def test_an_entry_that_cannot_be_carried_stops_no_other(
    valkey: "redis.Redis", carrier: Carrier, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(client: "redis.Redis", handover: Handover) -> Any:
        if "refused" in handover.fields["entry"]:
            raise redis.exceptions.NoPermissionError("no keys of this provider")
        return carry(client, handover)

    hand_over(valkey, {"refused": True})
    job = hand_over(valkey)
    monkeypatch.setattr("broker.flows.carrier.carry", refuse)

    assert carrier.look("source") == 1

    assert waiting(valkey) == [job]
    assert valkey.xlen(SOURCE.handovers) == 1


@pytest.mark.parametrize(
    "entry", [{}, {"message": {}}, [], "text", {"message": {"queue_name": "a b", "options": {}}, "is_span": False}]
)
def test_what_is_no_follow_up_becomes_a_dead_letter(valkey: "redis.Redis", carrier: Carrier, entry: Any) -> None:
    hand_over(valkey, entry)

    carrier.look("source")

    assert valkey.xlen(SOURCE.handovers) == 0
    assert valkey.xlen(SOURCE.dead) == 1


def test_a_count_for_a_batch_that_is_none_is_dropped(valkey: "redis.Redis", carrier: Carrier) -> None:
    for batch in ("jellyfin:gone", "no batch", "{}:x", ""):
        valkey.xadd(SOURCE.handovers, {"kind": "member", "batch": batch, "member": "1", "state": "done"})

    carrier.look("source")

    assert valkey.xlen(SOURCE.handovers) == 0
    assert not valkey.keys("*batch*")


def test_a_delayed_follow_up_wakes_a_sleeping_worker(valkey: "redis.Redis", carrier: Carrier) -> None:
    valkey.zadd(TARGET.root + "waiting:sync.jellyfin", {"host:1": 1})
    found = follow_up_for(SyncUser(user="alice"), "cause") | {"delay_ms": 60_000}
    hand_over(valkey, found)

    carrier.look("source")

    assert valkey.zcard(TARGET.scheduled) == 1
    assert not valkey.exists(TARGET.root + "waiting:sync.jellyfin")


def _now_ms(client: "redis.Redis") -> int:
    seconds, microseconds = client.time()
    return int(seconds) * 1000 + int(microseconds) // 1000
