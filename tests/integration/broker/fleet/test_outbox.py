from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import redis

from broker.fleet.outbox import Outbox, OutboxListener, OutboxUnavailable
from tests.support.answers import text
from tests.support.servers import connect_valkey
from workers.embedded import EmbeddedValkey

STREAM = "leeward:{jellyfin}:dead"
SOON = timedelta(seconds=10)


@pytest.fixture
def outbox(valkey: redis.Redis) -> Outbox:
    return Outbox(valkey, "jellyfin")


@pytest.fixture
def gone(own_valkey: EmbeddedValkey) -> Iterator[redis.Redis]:
    """A client of a server that is not there any more."""
    with connect_valkey(own_valkey.url) as client:
        client.ping()
        own_valkey.kill()
        yield client


def add(client: redis.Redis, job: bytes, **options: Any) -> str:
    return text(client.xadd(STREAM, {b"kind": b"dead", b"job": job, b"message": b"\xff\x00"}, **options))


def test_entries_are_read_oldest_first_as_bytes(valkey: redis.Redis, outbox: Outbox) -> None:
    ids = [add(valkey, b"a"), add(valkey, b"b")]

    found = outbox.read()

    assert [id_ for id_, _ in found] == ids
    assert found[0][1] == {b"kind": b"dead", b"job": b"a", b"message": b"\xff\x00"}


def test_reading_takes_nothing_away_and_can_go_on_after_an_entry(valkey: redis.Redis, outbox: Outbox) -> None:
    ids = [add(valkey, b"%d" % number) for number in range(5)]

    assert [id_ for id_, _ in outbox.read(2)] == ids[:2]
    assert [id_ for id_, _ in outbox.read(2)] == ids[:2]
    assert [id_ for id_, _ in outbox.read(2, after=ids[1])] == ids[2:4]
    assert outbox.read(2, after=ids[4]) == []


def test_what_is_forgotten_is_gone_and_can_be_forgotten_again(valkey: redis.Redis, outbox: Outbox) -> None:
    ids = [add(valkey, b"%d" % number) for number in range(2_500)]

    outbox.forget(ids[:-1])
    outbox.forget(ids[:-1])
    outbox.forget([])

    assert [id_ for id_, _ in outbox.read()] == ids[-1:]


def test_the_lag_is_the_number_and_the_age_of_the_oldest(valkey: redis.Redis, outbox: Outbox) -> None:
    assert outbox.lag() == (0, timedelta(0))

    seconds, _ = valkey.time()
    add(valkey, b"old", id=f"{(seconds - 90) * 1000}-0")
    add(valkey, b"new")

    entries, oldest = outbox.lag()
    assert entries == 2
    assert timedelta(seconds=90) <= oldest < timedelta(seconds=120)


def test_an_entry_from_the_future_has_no_negative_age(valkey: redis.Redis, outbox: Outbox) -> None:
    seconds, _ = valkey.time()
    add(valkey, b"odd", id=f"{(seconds + 90) * 1000}-0")

    assert outbox.lag() == (1, timedelta(0))


def test_each_provider_has_an_outbox_of_its_own(valkey: redis.Redis) -> None:
    add(valkey, b"a")

    assert Outbox(valkey, "smtp").read() == []


def test_the_bell_names_every_provider_that_rang(valkey: redis.Redis) -> None:
    with OutboxListener(valkey) as bell:
        for provider in ("jellyfin", "smtp", "jellyfin"):
            valkey.publish("leeward:dead", provider)

        rung = set(bell.wait(SOON))
        while rung != {"jellyfin", "smtp"}:
            more = bell.wait(SOON)
            assert more, rung
            rung |= more


def test_a_bell_that_does_not_ring_ends_the_wait_empty(valkey: redis.Redis) -> None:
    with OutboxListener(valkey) as bell:
        assert bell.wait(timedelta(milliseconds=1)) == frozenset()


def test_a_server_that_is_away_is_told_as_such(gone: redis.Redis) -> None:
    outbox = Outbox(gone, "jellyfin")

    for attempt in (outbox.read, outbox.lag, lambda: outbox.forget(["1-0"]), lambda: OutboxListener(gone)):
        with pytest.raises(OutboxUnavailable, match="the outbox cannot be read"):
            attempt()


def test_a_bell_notices_that_its_server_is_gone(own_valkey: EmbeddedValkey) -> None:
    with connect_valkey(own_valkey.url) as client, OutboxListener(client) as bell:
        own_valkey.kill()

        with pytest.raises(OutboxUnavailable):
            bell.wait(SOON)
