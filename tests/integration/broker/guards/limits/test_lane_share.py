"""A lower lane that waits gets a part of the starts; higher lanes go before it otherwise."""

from collections import Counter

import pytest
import redis

from tests.integration.broker.guards.guard_lab import GuardLab
from tests.integration.broker.lab import Lab


def starts(lab: Lab, n: int, each: int = 1) -> list[str]:
    """The lanes of the next n jobs, while there is never a want of any."""
    lanes: list[str] = []
    while len(lanes) < n:
        jobs = lab.admit(each).jobs
        lab.succeed(*jobs)
        lanes += [job.job_id.split("-")[0] for job in jobs]
    return lanes


def backlog(lab: Lab, *lanes: str, n: int = 300, partition: str = "") -> None:
    for lane in lanes:
        lab.enqueue(*(f"{lane}-{partition}{k}" for k in range(n)), lane=lane, partition=partition)


def test_every_tenth_start_is_a_lower_lanes(lab: Lab) -> None:
    backlog(lab, "interactive", "bulk")

    assert starts(lab, 20) == (["interactive"] * 9 + ["bulk"]) * 2


@pytest.mark.parametrize("each", [1, 2, 3, 7, 10, 50])
def test_the_part_is_the_same_however_many_are_asked_for_at_once(lab: Lab, each: int) -> None:
    backlog(lab, "interactive", "normal", "bulk", n=400)

    found = Counter(starts(lab, 350, each))

    assert found["normal"] == pytest.approx(35, abs=each / 5 + 1)
    assert found["bulk"] == pytest.approx(35, abs=each / 5 + 1)


@pytest.mark.parametrize(("share", "lower"), [(0.0, 0), (0.05, 5), (0.1, 10), (0.2, 20), (0.3, 30)])
def test_the_part_can_be_chosen_and_none_is_strict(valkey: "redis.Redis", share: float, lower: int) -> None:
    lab = GuardLab(valkey, lane_share=share)
    backlog(lab, "normal", "bulk")

    assert Counter(starts(lab, 100))["bulk"] == lower


def test_one_job_that_waits_below_a_lane_that_never_ends_starts_soon(lab: Lab) -> None:
    backlog(lab, "interactive")
    lab.enqueue("bulk-1", lane="bulk")

    assert "bulk" in starts(lab, 10)


def test_partitions_in_a_higher_lane_keep_a_lower_one_waiting_no_longer(lab: Lab) -> None:
    for partition in "abc":
        backlog(lab, "interactive", n=100, partition=partition)
    lab.enqueue("bulk-1", lane="bulk")

    assert "bulk" in starts(lab, 10)


def test_a_lane_that_waits_alone_gets_everything_and_saves_nothing_up(lab: Lab) -> None:
    backlog(lab, "bulk", n=100)
    assert starts(lab, 60, 10) == ["bulk"] * 60
    backlog(lab, "interactive", n=100)

    assert Counter(starts(lab, 20)) == {"interactive": 18, "bulk": 2}


def test_what_a_lower_lane_cannot_take_is_not_lost(valkey: "redis.Redis") -> None:
    """Its only partition is full."""
    lab = GuardLab(valkey, partition_limit=1)
    backlog(lab, "bulk", n=20, partition="full")
    lab.admit(1)
    backlog(lab, "interactive", n=100)

    assert len(lab.admit(50).jobs) == 50


def test_the_share_is_forgotten_an_hour_after_two_lanes_waited(lab: Lab) -> None:
    backlog(lab, "interactive", "bulk", n=5)
    lab.admit(1)

    assert lab.client.pttl(lab.keys.root + "shares:lab") > 0


def test_one_lane_alone_costs_two_looks_and_no_state(lab: Lab) -> None:
    backlog(lab, "normal", n=50)
    lab.admit(10)
    lab.client.config_resetstat()

    lab.admit(10)

    calls = {name: stat["calls"] for name, stat in lab.client.info("commandstats").items()}
    assert calls["cmdstat_lpop"] == 2, "interactive, then normal"
    assert not lab.client.exists(lab.keys.root + "shares:lab")
