"""What `leeward.testing` offers to authors of extensions, and with it how periodic actors and event handlers are bound."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any, ClassVar

import pytest
from pydantic import BaseModel

from leeward import Job, JobState, Leeward, SecretText
from leeward.extension import (
    Event,
    Extension,
    Health,
    Permanent,
    Provider,
    Transient,
    actor,
    child_key,
    emit_event,
    on,
    periodic,
)
from leeward.testing import FleetNotInstalled, FleetUnderTest, fleet_with

CALLS = Counter[str]()
FAILURES = Counter[str]()
"""How often an instance fails from now on."""


class ShelfSettings(BaseModel):
    colour: str


class Shelf(Provider[ShelfSettings], type="shelf"):
    def health(self) -> Health:
        return Health.healthy()

    def put(self, item: str) -> str:
        CALLS[f"{self.name} {item}"] += 1
        if FAILURES[self.name] > 0:
            FAILURES[self.name] -= 1
            raise Transient("it wobbles", operation="put")
        if item == "piano":
            raise Permanent("too heavy", operation="put")
        return f"{item} on {self.settings.colour}"


class Put(Job):
    kind: ClassVar[str] = "shelf.put"
    version: ClassVar[int] = 1
    family: ClassVar[str] = "shelf"
    provider: str = "red"
    item: str
    label: SecretText | None = None


@actor(Put, provider=Shelf)
def put(job: Put, shelf: Shelf) -> str:
    text = shelf.put(job.item)
    for item in job.item.split(" and "):
        emit_event("shelf.filled", item=item)
    return text


@periodic("0 3 * * *", provider=Shelf)
def dust(shelf: Shelf, fleet: Leeward) -> None:
    fleet.enqueue(Put(provider=shelf.name, item="cloth"), idempotency_key=child_key("cloth"))
    shelf.put("brush")


@periodic(timedelta(hours=1))
def count() -> None:
    CALLS["count"] += 1


@on("shelf.*", "circuit.opened")
def admire(event: Event) -> str:
    CALLS[f"admire {event.data['item']}"] += 1
    return event.id


@on("user.disabled", provider=Shelf)
def clear(event: Event, shelf: Shelf, fleet: Leeward) -> None:
    fleet.enqueue(Put(provider=shelf.name, item=event.data["user"]), idempotency_key=child_key("clear"))


EXTENSION = Extension(
    "shelves",
    api=1,
    providers=[Shelf],
    actors=[put],
    periodic=[dust, count],
    handlers=[admire, clear],
    events={"shelf.filled": "Something was put on a shelf. Data: item."},
)
INSTANCES: dict[str, dict[str, Any]] = {
    "red": {"type": "shelf", "colour": "red"},
    "blue": {"type": "shelf", "colour": "blue", "limit": 1},
}


@pytest.fixture
def fleet() -> Iterator[FleetUnderTest]:
    CALLS.clear()
    FAILURES.clear()
    with fleet_with(EXTENSION, INSTANCES) as fleet:
        yield fleet


def test_a_job_runs_at_its_instance_and_its_result_is_returned(fleet: FleetUnderTest) -> None:
    ended = fleet.run(Put(provider="blue", item="cup"))

    assert (ended.state, ended.result, ended.provider) == (JobState.DONE, "cup on blue", "blue")
    assert ended.job == Put(provider="blue", item="cup")


def test_attempts_follow_each_other_without_pauses(fleet: FleetUnderTest) -> None:
    FAILURES["red"] = 2

    assert fleet.run(Put(item="cup")).result == "cup on red"

    assert CALLS["red cup"] == 3


def test_a_dead_job_has_its_reason_and_the_instance_in_its_error_and_shows_no_secret(fleet: FleetUnderTest) -> None:
    ended = fleet.run(Put(item="piano", label="fragile-as-can-be"))

    assert (ended.state, ended.reason) == (JobState.DEAD, "permanent")
    assert ended.error is not None
    assert (ended.error["provider"], ended.error["operation"]) == ("red", "put")
    assert "fragile-as-can-be" not in str(ended)
    assert fleet.events("shelf.filled") == []


def test_a_tick_runs_at_each_instance_and_a_repeated_one_enqueues_no_second_child(fleet: FleetUnderTest) -> None:
    FAILURES["red"] = 1

    ticks = fleet.tick(dust)

    assert {tick.kind: tick.state for tick in ticks} == {
        "shelves.dust.red": JobState.DONE,
        "shelves.dust.blue": JobState.DONE,
    }
    assert len(fleet.ended("shelf.put")) == 2
    assert (CALLS["red cloth"], CALLS["blue cloth"]) == (1, 1)


def test_a_periodic_actor_without_a_provider_runs_once(fleet: FleetUnderTest) -> None:
    (tick,) = fleet.tick(count)

    assert (tick.kind, CALLS["count"]) == ("shelves.count", 1)


def test_an_event_that_a_job_emits_reaches_its_handler(fleet: FleetUnderTest) -> None:
    fleet.run(Put(item="cup"))
    fleet.run_all()

    (handled,) = fleet.ended("shelves.admire")
    (event,) = fleet.events("shelf.filled")
    assert (handled.result, handled.state) == (event.id, JobState.DONE)
    assert CALLS["admire cup"] == 1


def test_events_of_one_job_are_in_their_order(fleet: FleetUnderTest) -> None:
    items = [str(number) for number in range(12)]

    fleet.run(Put(item=" and ".join(items)))

    assert [event.data["item"] for event in fleet.events("shelf.filled")] == items


def test_a_handler_of_a_provider_runs_at_each_instance(fleet: FleetUnderTest) -> None:
    handled = fleet.emit("user.disabled", user="alice")

    assert {one.kind for one in handled} == {"shelves.clear.red", "shelves.clear.blue"}
    assert {one.job for one in fleet.ended("shelf.put")} == {
        Put(provider="red", item="alice"),
        Put(provider="blue", item="alice"),
    }


def test_what_does_not_end_is_named(fleet: FleetUnderTest) -> None:
    fleet.client.enqueue(Put(item="cup"), delay=timedelta(hours=1))

    with pytest.raises(TimeoutError, match="red: 1 live"):
        fleet.run_all(timeout=timedelta(seconds=0.1))


def test_an_instance_that_cannot_be_is_refused_with_the_settings_own_words() -> None:
    with pytest.raises(Exception, match="colour"), fleet_with(EXTENSION, {"red": {"type": "shelf", "colour": 3}}):
        pass


def test_without_the_fleet_the_reason_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "leeward.testing.fleet.import_module", _raising(ModuleNotFoundError("No module named 'workers'"))
    )

    with pytest.raises(FleetNotInstalled, match=r"install leeward-fleet\[embedded\]"):
        fleet_with(EXTENSION, INSTANCES)


def _raising(error: Exception) -> Callable[[str], None]:
    def raising(_: str) -> None:
        raise error

    return raising
