"""An adaptive limit whose settings change, or are lost: what was measured is kept only where it still means something."""

from collections.abc import Callable

import pytest

from tests.integration.broker.guards.guard_lab import GuardLab
from tests.integration.broker.guards.traffic import Traffic


@pytest.fixture
def lab(guarded: Callable[..., GuardLab]) -> GuardLab:
    return guarded(limit=100, adaptive=True)


def test_switched_off_it_is_the_configured_limit_and_forgets(lab: GuardLab) -> None:
    Traffic(lab, capacity=8).run(20)

    lab.steer("set", "adaptive", 0)

    assert lab.limit() == 100
    assert not lab.client.exists(lab.keys.adaptive, lab.keys.admitted)
    lab.steer("set", "adaptive", 1)
    assert lab.limit() == 1


def test_declared_without_it_it_forgets(lab: GuardLab) -> None:
    Traffic(lab, capacity=8).run(5)

    lab.declare(limit=7)

    assert lab.limit() == 7
    assert not lab.client.exists(lab.keys.adaptive, lab.keys.admitted)


def test_a_server_that_lost_its_data_begins_at_the_floor_again(lab: GuardLab) -> None:
    traffic = Traffic(lab, capacity=8)
    traffic.run(30)
    traffic.die()
    lab.client.flushdb()

    lab.declare(limit=100, adaptive=True)

    assert lab.limit() == 1
    traffic.run(30)
    assert 8 <= lab.limit() <= 17


def test_a_lowered_ceiling_and_a_raised_floor_count_at_once(lab: GuardLab) -> None:
    Traffic(lab, capacity=8).run(30)

    lab.steer("set", "limit", 4)
    assert lab.limit() == 4
    lab.steer("set", "limit", 100, "floor", 30)

    assert lab.limit() == 30


def test_a_limit_of_none_with_adaptive_left_over_is_none(lab: GuardLab) -> None:
    lab.steer("set", "limit", 0)
    lab.fill(150)

    assert len(lab.admit(150).ids) == 150
    assert lab.state().limit == 0
