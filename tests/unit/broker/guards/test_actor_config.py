"""An actor's own numbers: what is possible, and that they come back as they were written."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.guards.actor_config import ACTOR_NAMES, ActorGuards, actor_fields, queues_with_numbers
from broker.guards.config import ImpossibleGuard

QUEUE = "sync.jellyfin"
OWN = st.builds(
    ActorGuards,
    limit=st.integers(0, 10**6),
    rate=st.floats(0, 10**5),
    burst=st.integers(1, 10**5),
    slow=st.none() | st.integers(500, 120_000).map(lambda ms: timedelta(milliseconds=ms)),
    observe=st.booleans(),
)


def stored(own: ActorGuards, queue: str = QUEUE) -> dict[str, str]:
    return {name: str(value) for name, value in own.to_fields(queue).items()}


@given(OWN, OWN)
def test_what_is_written_for_the_scripts_reads_back_the_same_beside_others(
    own: ActorGuards, other: ActorGuards
) -> None:
    both = {"limit": "7", **stored(own), **stored(other, "email.jellyfin")}

    assert ActorGuards.from_fields(both, QUEUE) == own
    assert ActorGuards.from_fields(both, "jellyfin") == ActorGuards()


def test_numbers_that_are_none_are_not_written_unless_named() -> None:
    assert ActorGuards().to_fields(QUEUE) == {}
    assert ActorGuards().to_fields(QUEUE, "limit", "observe") == {f"limit@{QUEUE}": 0, f"observe@{QUEUE}": 0}


def test_every_number_has_a_field() -> None:
    fields = actor_fields(QUEUE)

    assert len(fields) == len(ACTOR_NAMES)
    assert f"slow_ms@{QUEUE}" in fields
    assert queues_with_numbers([*fields, "limit", "open_ms"]) == {QUEUE}


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"limit": -1, "burst": 0}, "limit must be at least 0; burst must be at least 1"),
        ({"rate": float("nan")}, "rate must be at least 0"),
        ({"slow": timedelta(milliseconds=1)}, "slow must be at least"),
        ({"limt": 3}, "limt is no guard setting of an actor; did you mean limit"),
        ({"open_for": 3}, "open_for is no guard setting of an actor; there are limit, rate, burst, slow, observe"),
    ],
)
def test_an_impossible_value_or_name_is_refused_with_what_is_possible(values: dict[str, Any], told: str) -> None:
    with pytest.raises(ImpossibleGuard, match=told):
        ActorGuards().changed(**values)
