"""Jobs of the extension, run through everything that a fleet puts around them."""

from collections.abc import Iterator

import pytest
from controller import Controller
from leeward_badges import Doors, IssueBadge, RevokeBadge, extension
from leeward_badges.actors import badge_lost, restart, revoke_expired
from leeward_badges.doors import DoorSettings

from leeward import JobState
from leeward.extension import Failure, Hint, IncomingWebhook, WebhookRefused
from leeward.testing import FleetUnderTest, fleet_with


@pytest.fixture
def controller() -> Iterator[Controller]:
    with Controller(token="t") as controller:
        yield controller


@pytest.fixture
def fleet(controller: Controller) -> Iterator[FleetUnderTest]:
    """With two instances of one controller."""
    doors = {"url": controller.url, "token": "t"}
    with fleet_with(extension, {"doors": doors, "doors-lab": doors | {"type": "doors"}}) as fleet:
        yield fleet


def test_a_badge_is_revoked(controller: Controller) -> None:
    controller.badges["alice"] = 1
    with fleet_with(extension, {"doors": {"url": controller.url, "token": "t"}}) as fleet:
        ended = fleet.run(RevokeBadge(person="alice"))

    assert ended.result == {"revoked": 1}


def test_a_controller_that_refuses_a_badge_makes_a_dead_letter_without_the_pin(
    fleet: FleetUnderTest, controller: Controller
) -> None:
    controller.status = 422

    ended = fleet.run(IssueBadge(person="alice", zones=("lab",), pin="4711-secret"))

    assert (ended.state, ended.reason) == (JobState.DEAD, "permanent")
    assert "4711-secret" not in str(ended)


def test_a_controller_that_fails_is_asked_again(fleet: FleetUnderTest, controller: Controller) -> None:
    controller.status = 503

    ended = fleet.run(RevokeBadge(person="alice"))

    assert (ended.state, ended.reason) == (JobState.DEAD, "exhausted")


def test_expired_badges_are_revoked_at_each_tick(fleet: FleetUnderTest, controller: Controller) -> None:
    controller.badges.update(["alice", "bob", "carol"])
    controller.expired = ["alice", "bob"]

    fleet.tick(revoke_expired, instance="doors")

    assert set(controller.badges) == {"carol"}
    assert {one.job for one in fleet.ended("badge.revoke")} == {RevokeBadge(person="alice"), RevokeBadge(person="bob")}


def test_a_person_whose_account_is_disabled_is_locked_out_by_each_controller(
    fleet: FleetUnderTest, controller: Controller
) -> None:
    controller.badges["alice"] = 1

    fleet.emit("user.disabled", user="alice")

    assert controller.badges == {}
    revoked = [event.data for event in fleet.events("badge.revoked")]
    assert sorted(one["provider"] for one in revoked) == ["doors", "doors-lab"]
    assert {one["person"] for one in revoked} == {"alice"}


def test_a_lost_badge_is_revoked_when_its_controller_says_so() -> None:
    doors = Doors("doors", Doors.settings_type.model_validate({"url": "http://doors.test", "token": "t"}))
    said = b'{"event": "badge.lost", "person": "alice"}'

    hint = badge_lost(IncomingWebhook({"X-Token": "t"}, said), doors)

    assert hint == Hint(RevokeBadge(provider="doors", person="alice"), key="alice")
    with pytest.raises(WebhookRefused):
        badge_lost(IncomingWebhook({"X-Token": "another"}, said), doors)


def test_a_controller_that_is_stuck_is_restarted(controller: Controller) -> None:
    doors = Doors("doors", DoorSettings.model_validate({"url": controller.url, "token": "t"}))
    doors.open()
    controller.is_stuck = True
    failure = Failure(of="doors", operation="health", text=doors.health().detail)

    assert restart.condition is not None
    assert restart.condition(failure)
    restart(failure, doors)

    assert doors.health().ok
    doors.close()
