"""What a process does with its providers, whatever they do."""

import threading
from typing import Any

import pytest
from pydantic import SecretStr

from broker.guards.config import GuardConfig
from leeward.extension import Context, Extension, Health, Provider, Resource, Transient
from tests.support.waiting import wait_until
from tests.unit.workers.composition.extensions import VaultSettings
from workers.composition.binding.opened_providers import OpenedProviders
from workers.composition.binding.opened_resources import OpenedResources
from workers.composition.installed.extensions import composed_of
from workers.composition.instance import Instance


class Ledger(Resource):
    opened = 0

    def open(self) -> None:
        Ledger.opened += 1


class Moody(Provider[VaultSettings], type="moody"):
    mood: Exception | None = None
    checks: Exception | None = None
    ended: list[str] = []  # noqa: RUF012 # one list for all

    def open(self) -> None:
        if self.mood is not None:
            raise self.mood

    def health(self) -> Health:
        if self.checks is not None:
            raise self.checks
        return Health.healthy()

    def close(self) -> None:
        self.ended.append(self.name)
        raise OSError("it does not close")


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> OpenedProviders:
    monkeypatch.setattr(Moody, "mood", None)
    monkeypatch.setattr(Moody, "checks", None)
    monkeypatch.setattr(Moody, "ended", [])
    kind = composed_of([Extension("moods", api=1, providers=[Moody])]).types()["moody"]
    settings = VaultSettings(key=SecretStr("sesame"))
    instances = {
        name: Instance(name=name, type=kind, settings=settings, guards=GuardConfig()) for name in ("one", "two")
    }
    return OpenedProviders(instances, lambda _: Context())


def test_an_instance_is_opened_once_however_many_threads_ask(
    opened: OpenedProviders, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []
    openings: list[str] = []
    found: list[Provider[Any]] = []

    def open_when_all_have_asked(instance: Moody) -> None:
        openings.append(instance.name)
        wait_until(lambda: len(asked) == 8, description="all threads to have asked")

    def ask(number: int) -> None:
        asked.append(number)
        found.append(opened.get("one"))

    monkeypatch.setattr(Moody, "open", open_when_all_have_asked)
    threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert openings == ["one"]
    assert len(found) == 8
    assert len(set(map(id, found))) == 1


def test_an_instance_that_is_slow_to_open_holds_up_no_other(
    opened: OpenedProviders, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_opening, may_open = threading.Event(), threading.Event()

    def open_slowly(instance: Moody) -> None:
        if instance.name == "one":
            is_opening.set()
            assert may_open.wait(30)

    monkeypatch.setattr(Moody, "open", open_slowly)
    slow = threading.Thread(target=opened.get, args=("one",))
    slow.start()
    assert is_opening.wait(30)

    assert opened.get("two").name == "two"

    assert slow.is_alive()
    may_open.set()
    slow.join()


def test_an_instance_that_could_not_be_opened_is_tried_again(
    opened: OpenedProviders, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Moody, "mood", Transient("not now", operation="sign_in"))
    with pytest.raises(Transient) as refused:
        opened.get("one")
    assert refused.value.provider == "one"

    monkeypatch.setattr(Moody, "mood", None)

    assert opened.get("one").name == "one"


@pytest.mark.parametrize("when", ["mood", "checks"])
def test_a_health_check_raises_nothing(opened: OpenedProviders, when: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Moody, when, RuntimeError("something that was not thought of"))

    health = opened.health("one")

    assert not health.ok
    assert health.latency is not None


@pytest.mark.parametrize("kind", [ValueError, UnicodeError, KeyError, MemoryError, AssertionError, RecursionError])
def test_a_health_check_that_breaks_names_its_error_and_repeats_no_text_of_it(
    opened: OpenedProviders, kind: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Moody, "checks", kind("told in confidence: sesame"))

    health = opened.health("one")

    assert kind.__name__ in health.detail
    assert "sesame" not in health.detail


def test_one_that_does_not_close_keeps_no_other_open(opened: OpenedProviders) -> None:
    opened.get("one")
    opened.get("two")

    opened.close()
    opened.close()

    assert Moody.ended == ["one", "two"]


def test_a_resource_is_opened_once_and_one_that_is_not_named_is_refused() -> None:
    resources = OpenedResources((Ledger,), Context())

    assert resources.get(Ledger) is resources.get(Ledger)
    assert Ledger.opened == 1
    with pytest.raises(LookupError, match=r"name it in Extension\(resources"):
        resources.get(Resource)
