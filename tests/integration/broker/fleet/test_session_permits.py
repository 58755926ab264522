"""Sessions with a provider, counted over all processes against its limit."""

from typing import Any

import pytest
import redis

from broker.fleet.session_permits import COUNTS, WAITS, FleetSessions, _keep, _open
from broker.guards.config import GuardConfig
from leeward.wire.keys import ProviderKeys

SMTP = ProviderKeys("smtp")
NOW = 1_800_000_000_000
COUNTS_MS, WAITS_MS = round(COUNTS.total_seconds() * 1000), round(WAITS.total_seconds() * 1000)


def limit(client: "redis.Redis", most: int) -> None:
    client.hset(SMTP.guards, mapping=dict[Any, Any](GuardConfig(limit=most).to_fields()))


def opened(client: "redis.Redis", session: str, *, now: int = NOW) -> bool:
    return bool(_open(client, SMTP.root, [str(now), session, COUNTS_MS, WAITS_MS]))


def waiting(client: "redis.Redis", *sessions: str, now: int = NOW) -> int:
    return int(_keep(client, SMTP.root, [str(now), COUNTS_MS, WAITS_MS, *sessions]))


@pytest.mark.parametrize("most", [1, 2, 5, 10])
def test_as_many_sessions_are_opened_as_the_limit_allows(any_server: "redis.Redis", most: int) -> None:
    limit(any_server, most)

    assert [opened(any_server, f"s{number}") for number in range(most + 3)] == [True] * most + [False] * 3


def test_without_a_limit_any_number_may_be_open(any_server: "redis.Redis") -> None:
    assert all(opened(any_server, f"s{number}") for number in range(50))
    limit(any_server, 0)
    assert all(opened(any_server, f"t{number}") for number in range(50))


def test_a_limit_that_is_lowered_closes_nothing_and_opens_nothing(any_server: "redis.Redis") -> None:
    limit(any_server, 3)
    assert all(opened(any_server, f"s{number}") for number in range(3))

    limit(any_server, 1)

    assert not opened(any_server, "t")


def test_a_closed_session_makes_room(valkey: "redis.Redis") -> None:
    sessions = FleetSessions(valkey, "smtp")
    limit(valkey, 1)
    assert sessions.acquire("one")
    assert not sessions.acquire("two")

    sessions.release("one")

    assert sessions.acquire("two")


def test_a_killed_process_keeps_its_sessions_no_longer_than_its_leases(any_server: "redis.Redis") -> None:
    limit(any_server, 1)
    assert opened(any_server, "killed")

    assert not opened(any_server, "next", now=NOW + COUNTS_MS - 1)
    assert opened(any_server, "next", now=NOW + COUNTS_MS)


def test_a_session_counts_as_long_as_it_is_heard_of(any_server: "redis.Redis") -> None:
    limit(any_server, 1)
    assert opened(any_server, "long")
    for step in range(1, 5):
        waiting(any_server, "long", now=NOW + step * COUNTS_MS // 2)

    assert not opened(any_server, "next", now=NOW + 5 * COUNTS_MS // 2)


def test_who_has_an_idle_session_hears_that_somebody_waits(any_server: "redis.Redis") -> None:
    limit(any_server, 1)
    assert opened(any_server, "idle")
    assert waiting(any_server, "idle") == 0

    assert not opened(any_server, "next")

    assert waiting(any_server, "idle") == 1
    assert waiting(any_server, "idle", now=NOW + WAITS_MS) == 0


def test_a_clock_that_goes_back_makes_no_session_count_for_longer(any_server: "redis.Redis") -> None:
    limit(any_server, 1)
    assert opened(any_server, "killed")
    back = NOW - 3_600_000

    assert not opened(any_server, "next", now=back)
    assert opened(any_server, "next", now=back + COUNTS_MS)


def test_nothing_is_left_when_nobody_sends(valkey: "redis.Redis") -> None:
    limit(valkey, 1)
    opened(valkey, "one")
    opened(valkey, "two")

    assert 0 < valkey.pttl(SMTP.sessions) <= COUNTS_MS
    assert 0 < valkey.pttl(SMTP.root + "session_waiters") <= WAITS_MS
