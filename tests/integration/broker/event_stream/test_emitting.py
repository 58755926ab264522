"""An event is appended in the step that makes it true, and in no other."""

import json
from typing import Any

import redis

from broker.event_stream.stream import Cursor, EventStream
from tests.integration.broker.guards.guard_lab import GuardLab
from tests.integration.broker.lab import Lab
from tests.support.answers import entries

BEGINNING = Cursor("0-0")
EVENT = {"name": "user.disabled", "data": '{"user":"alice"}', "request_id": "r-1"}


def emitted(lab: Lab) -> list[tuple[str, dict[str, Any]]]:
    events = EventStream(lab.client, lab.keys.provider).after(BEGINNING).events
    return [(event.name, event.data) for event in events]


def test_a_circuit_tells_of_every_state_that_it_comes_to(valkey: "redis.Redis") -> None:
    lab = GuardLab(valkey, successes=1)
    lab.opened()
    lab.steer("healthy", cause="the health probe succeeded")
    lab.fill(1)

    lab.succeed(*lab.admit(1).jobs)
    lab.calls(ok=1)

    assert [name for name, _ in emitted(lab)] == ["circuit.opened", "circuit.half_opened", "circuit.closed"]
    opened = emitted(lab)[0][1]
    assert (opened["provider"], opened["state"], opened["mode"], opened["by"]) == ("lab", "open", "auto", "fleet")
    assert opened["cause"] == entries(lab.client, lab.keys.events)[0][1][b"cause"].decode()


def test_a_mode_that_a_person_sets_is_an_event_with_the_persons_name(valkey: "redis.Redis") -> None:
    lab = GuardLab(valkey)

    lab.mode("forced_open")

    ((name, data),) = emitted(lab)
    assert name == "circuit.mode_set"
    assert (data["mode"], data["by"]) == ("forced_open", "ann")


def test_a_jobs_events_come_with_its_success(valkey: "redis.Redis") -> None:
    lab = Lab(valkey)
    lab.enqueue("one")
    (leased,) = lab.admit().jobs

    lab.settle(leased, "done", kept_ms=1000, events=[EVENT])

    (event,) = EventStream(valkey, "lab").after(BEGINNING).events
    assert (event.name, event.data, event.inherited) == ("user.disabled", {"user": "alice"}, {"request_id": "r-1"})
    assert round(event.at.timestamp() * 1000) == lab.now


def test_a_delivery_that_lost_its_lease_emits_nothing(valkey: "redis.Redis") -> None:
    lab = Lab(valkey)
    lab.enqueue("one")
    (leased,) = lab.admit().jobs
    lab.settle(leased, "done", kept_ms=1000, events=[EVENT])

    lab.settle(leased, "done", kept_ms=1000, events=[EVENT])

    assert len(emitted(lab)) == 1


def test_a_stream_keeps_ten_thousand_events_or_a_few_more(valkey: "redis.Redis") -> None:
    lab = Lab(valkey)
    for number in range(110):
        lab.enqueue(f"job-{number}")
        (leased,) = lab.admit().jobs
        lab.settle(leased, "done", kept_ms=1000, events=[EVENT] * 100)

    assert 10_000 <= valkey.xlen(lab.keys.event_stream) < 10_200
    assert json.loads(EVENT["data"]) == emitted(lab)[-1][1]
