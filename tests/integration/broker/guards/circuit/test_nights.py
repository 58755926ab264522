"""Whatever jobs come when: one job's own fault closes the door for nobody, an outage costs what is documented, and everything ends."""

from itertools import pairwise
from typing import Any

import pytest
import redis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.integration.broker.guards.circuit.night import OWN_FAULTS, Job, Night
from tests.integration.broker.guards.guard_lab import GuardLab
from tests.support.examples import examples

NO_FAULT = st.none()
HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
ENDS_BY_ITSELF = sorted(set(OWN_FAULTS) - {"credentials or settings"})
PLACES = st.sampled_from(
    [{}, {"lane": "interactive"}, {"lane": "bulk"}, {"partition": "tenant"}, {"queue": "email.lab"}]
)
NUMBERS = st.fixed_dictionaries(
    {
        "probes": st.integers(1, 3),
        "successes": st.integers(1, 4),
        "streak": st.integers(2, 6),
        "limit": st.integers(0, 4),
    }
)


def jobs(prefix: str, most: int, within_ms: int, *, least: int = 0, faults: Any = NO_FAULT) -> Any:
    one = st.tuples(st.integers(0, within_ms), faults, st.integers(2, 6), st.integers(200, 20_000), PLACES)
    return st.lists(one, min_size=least, max_size=most).map(
        lambda found: [Job(f"{prefix}-{n}", *rest) for n, rest in enumerate(found)]
    )


def nights(usual: int) -> settings:
    # What fails here is read from its numbers: shrinking would run whole nights for minutes.
    return settings(
        max_examples=examples(usual),
        phases=(Phase.explicit, Phase.reuse, Phase.generate),
        suppress_health_check=list(HealthCheck),
    )


@nights(30)
@given(
    jobs("poison", 1, 5_000, least=1, faults=st.sampled_from(ENDS_BY_ITSELF)),
    jobs("good", 12, 120_000),
    NUMBERS,
    st.booleans(),
)
def test_one_poison_job_of_any_class_opens_nothing_and_dies_within_its_attempts(
    valkey: "redis.Redis", poison: list[Job], good: list[Job], numbers: dict[str, Any], looks: bool
) -> None:
    valkey.flushdb()
    night = Night(GuardLab(valkey, **numbers), poison + good, looks=looks)
    night.run(HOUR_MS)

    assert night.live() == []
    assert set(night.lab.events()) <= {"accused"}
    assert night.reasons().keys() == {"poison-0"}
    calls = [job_id for _, job_id, _ in night.order].count("poison-0")
    assert calls <= poison[0].attempts + 1, "and one more, after a health probe"


@nights(8)
@given(jobs("poison", 1, 5_000, least=1, faults=st.just("credentials or settings")), jobs("good", 8, 900_000), NUMBERS)
def test_one_job_that_is_denied_waits_alone_until_its_deadline(
    valkey: "redis.Redis", poison: list[Job], good: list[Job], numbers: dict[str, Any]
) -> None:
    valkey.flushdb()
    night = Night(GuardLab(valkey, **numbers), poison + good, deadline_ms=2 * HOUR_MS)
    night.run(3 * HOUR_MS)

    assert night.live() == []
    assert set(night.lab.events()) == {"accused"}
    assert night.reasons() == {"poison-0": "expired"}


@nights(12)
@given(jobs("job", 6, 600_000, least=1), st.integers(0, 300_000), st.integers(1, 3), NUMBERS)
def test_an_outage_kills_nobody_costs_what_is_documented_and_drains(
    valkey: "redis.Redis", found: list[Job], down_at: int, hours: int, numbers: dict[str, Any]
) -> None:
    valkey.flushdb()
    night = Night(GuardLab(valkey, **numbers), found, down=(down_at, down_at + hours * HOUR_MS))
    night.run((hours + 2) * HOUR_MS)

    assert night.reasons() == {}
    assert night.live() == []
    assert night.spent <= max(numbers["streak"] - 1, 2), "only the failures that opened it"


@nights(5)
@given(jobs("job", 1, 1_000, least=1), NUMBERS)
def test_a_lone_job_and_a_dead_provider_end_at_the_deadline(
    valkey: "redis.Redis", found: list[Job], numbers: dict[str, Any]
) -> None:
    valkey.flushdb()
    night = Night(GuardLab(valkey, **numbers), found, down=(0, DAY_MS), deadline_ms=2 * HOUR_MS)
    night.run(3 * HOUR_MS)

    assert night.reasons() == {"job-0": "expired"}
    assert night.spent <= 2, "after two failures in a row a health probe is asked for, and opens the circuit"


@nights(15)
@given(
    jobs("poison", 1, 5_000, least=1, faults=st.sampled_from(sorted(OWN_FAULTS))),
    jobs("good", 8, 400_000, least=2),
    st.integers(60_000, HOUR_MS),
    NUMBERS,
)
def test_after_an_outage_a_failed_probe_is_not_the_next_one_and_poison_keeps_nobody_waiting(
    valkey: "redis.Redis", poison: list[Job], good: list[Job], down_ms: int, numbers: dict[str, Any]
) -> None:
    valkey.flushdb()
    night = Night(GuardLab(valkey, **numbers), poison + good, down=(0, down_ms), deadline_ms=2 * HOUR_MS)
    night.run(down_ms + 2 * HOUR_MS)

    assert set(night.live()) <= {"poison-0"}
    assert night.reasons().keys() <= {"poison-0"}
    _no_failed_probe_before_others(night)


def _no_failed_probe_before_others(night: Night) -> None:
    probes = [(job_id, untried) for state, job_id, untried in night.order if state == "half_open"]
    for (before, _), (job_id, untried) in pairwise(probes):
        assert job_id != before or not untried, f"{job_id} probed twice in a row while {sorted(untried)} waited"


@pytest.mark.parametrize("fault", sorted(OWN_FAULTS))
def test_the_same_on_the_real_server(valkey: "redis.Redis", fault: str) -> None:
    night = Night(
        GuardLab(valkey, limit=3),
        [Job("poison", 0, fault), *(Job(f"good-{n}", 120_000 + 700 * n) for n in range(20))],
        down=(10_000, 60_000),
        deadline_ms=HOUR_MS,
    )
    night.run(3 * HOUR_MS)

    assert night.live() == []
    assert night.reasons().keys() == {"poison"}
    _no_failed_probe_before_others(night)
