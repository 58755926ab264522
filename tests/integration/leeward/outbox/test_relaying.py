"""A call of a relay is noted in the step that enqueues: repeated, it changes nothing; overtaken, it does nothing."""

import pytest
import redis

from broker.guards.config import GuardConfig
from broker.guards.store import Guards
from leeward import Request, SyncUser
from leeward.outbox.relaying import Latest, Overtaken, latest, relay
from leeward.record.reader import text_of
from leeward.request import entry_for
from leeward.wire.entry import Entry, Verdict
from leeward.wire.keys import ProviderKeys
from leeward.wire.valkey.connection import connect
from tests.support.faults import FaultyProxy

KEYS = ProviderKeys("jellyfin")
SHARD = "shop/7"


def entry(name: str, key: str | None = None) -> Entry:
    return entry_for(Request(SyncUser(user=name), key))


def jobs(client: redis.Redis) -> set[str]:
    return set(map(text_of, client.hkeys(KEYS.jobs)))


@pytest.fixture
def client(valkey: redis.Redis) -> redis.Redis:
    return valkey


def test_a_call_is_noted_with_what_it_enqueued_and_the_next_takes_its_place(client: redis.Redis) -> None:
    assert latest(client, "jellyfin", SHARD) == Latest()
    one, two, three = entry("one"), entry("two"), entry("three")
    first = relay(client, "jellyfin", SHARD, [one, two], Latest())
    assert latest(client, "jellyfin", SHARD) == Latest(first.token, (one.job_id, two.job_id))

    second = relay(client, "jellyfin", SHARD, [three], latest(client, "jellyfin", SHARD))
    assert latest(client, "jellyfin", SHARD) == Latest(second.token, (three.job_id,))
    assert jobs(client) == {one.job_id, two.job_id, three.job_id}


def test_one_that_was_overtaken_enqueues_nothing(client: redis.Redis) -> None:
    before = Latest()
    relay(client, "jellyfin", SHARD, [entry("one")], before)
    late = entry("late")

    with pytest.raises(Overtaken, match="shop/7"):
        relay(client, "jellyfin", SHARD, [late], before)
    assert late.job_id not in jobs(client)
    assert not relay(client, "jellyfin", "shop/8", [late], before).refusals, "another shard is another note"


def test_a_call_whose_reply_was_lost_is_repeated_and_enqueues_once(client: redis.Redis, proxy: FaultyProxy) -> None:
    one = entry("one")
    with connect(proxy.url) as cut:
        relay(cut, "jellyfin", "warm/0", [entry("warm")], Latest())
        proxy.lose_reply_to(one.job_id.encode())
        relayed = relay(cut, "jellyfin", SHARD, [one], Latest())

    assert proxy.swallowed == 1
    assert relayed.refusals == {}
    assert latest(client, "jellyfin", SHARD) == Latest(relayed.token, (one.job_id,))
    assert client.lrange(f"{KEYS.root}ready:sync.jellyfin:normal", 0, -1).count(one.job_id.encode()) == 1


def test_what_was_refused_is_not_noted_and_a_duplicate_is(client: redis.Redis) -> None:
    first, same, conflict, other = entry("one", "k"), entry("one", "k"), entry("two", "k"), entry("three")
    relayed = relay(client, "jellyfin", SHARD, [first, same, conflict, other], Latest())

    assert {at: refusal.verdict for at, refusal in relayed.refusals.items()} == {
        1: Verdict.DUPLICATE,
        2: Verdict.CONFLICT,
    }
    assert latest(client, "jellyfin", SHARD).job_ids == (first.job_id, same.job_id, other.job_id)


def test_without_room_nothing_is_noted_but_the_call(client: redis.Redis) -> None:
    Guards(client, "jellyfin").declare(GuardConfig(enabled=False))
    relayed = relay(client, "jellyfin", SHARD, [entry("one")], Latest())

    assert relayed.refusals[0].verdict is Verdict.DISABLED
    assert latest(client, "jellyfin", SHARD) == Latest(relayed.token, ())


def test_a_job_that_is_there_under_its_id_is_noted_and_not_added_again(client: redis.Redis) -> None:
    one = entry("one")
    relay(client, "jellyfin", "other/0", [one], Latest())
    relayed = relay(client, "jellyfin", SHARD, [one], Latest())

    assert relayed.refusals == {}
    assert latest(client, "jellyfin", SHARD).job_ids == (one.job_id,)
    assert client.llen(f"{KEYS.root}ready:sync.jellyfin:normal") == 1
