"""A kind of job that two extensions serve, each at providers of its own."""

from datetime import timedelta
from inspect import unwrap
from pathlib import Path
from typing import Any

import dramatiq
import pytest

from broker.broker import LeewardBroker
from leeward import Leeward
from leeward.extension import Actor, Context, Extension, Health, Permanent, Provider, actor
from leeward.record import ServedActor
from middleware.order import rings
from middleware.retries.presets import PRESETS
from tests.unit.workers.composition.extensions import Store, StoreV1, Vault, VaultSettings, vault
from workers.composition.binding.binder import Binder, longest_of
from workers.composition.binding.opened_providers import OpenedProviders
from workers.composition.composition import Composition, compose
from workers.composition.installed.extensions import BrokenExtensions, composed_of
from workers.composition.publishing import served_by
from workers.settings.settings import Settings

TOML = """
[providers.vault]
key = "open sesame"
[providers.shelf]
key = "shut sesame"
"""


class Shelf(Provider[VaultSettings], type="shelf"):
    def health(self) -> Health:
        return Health.healthy()

    def longest_call(self) -> timedelta:
        return timedelta(seconds=9)


class OtherStore(Store): ...


@actor(Store, provider=Shelf, retry_preset="quick")
def shelve_item(job: Store, shelf: Shelf, fleet: Leeward) -> str:
    return f"{job.item} on {shelf.name}, {type(fleet).__name__}"


def shelf(*actors: Actor[..., Any, Any, Any]) -> Extension:
    return Extension("shelf", api=1, providers=[Shelf], actors=actors or (shelve_item,))


@pytest.fixture
def composition(tmp_path: Path) -> Composition:
    file = tmp_path / "leeward.toml"
    file.write_text(TOML)
    found = compose(Settings.load({"LEEWARD_CONFIG": str(file)}), composed_of([vault(), shelf()]))
    assert found.problems == ()
    return found


def test_each_job_reaches_the_function_of_its_provider(composition: Composition) -> None:
    broker = LeewardBroker(middleware=rings())
    opened = OpenedProviders(composition.instances, lambda _: Context())
    (bound,) = composition.actors
    run: dramatiq.Actor[..., Any] = Binder(broker, opened, Leeward("redis://127.0.0.1:1/0")).declare(bound, "quick")

    assert set(broker.queues) >= {"store.vault", "store.shelf"}
    assert run.options["accepts"] == (StoreV1,)
    assert run.options["time_limit"] == 9_000
    call = unwrap(run.fn)
    assert call(Store(provider="vault", item="a ring")) == "a ring in vault"
    assert call(Store(provider="shelf", item="a book")) == "a book on shelf, Leeward"
    with pytest.raises(Permanent, match="not served at 'attic', only at shelf, vault"):
        call(Store(provider="attic", item="a ghost"))
    broker.close()


def test_each_service_has_the_preset_that_it_declares(composition: Composition) -> None:
    presets = composition.fleet.retry_presets["store.item"]

    assert presets.at("vault") == PRESETS["standard"]
    assert presets.at("shelf") == PRESETS["quick"]
    assert longest_of(composition.actors[0]) == timedelta(seconds=9)


def test_the_kind_is_published_once_and_for_both_extensions(composition: Composition) -> None:
    broker = LeewardBroker(middleware=rings())
    catalogue, kinds = served_by(composition, broker)
    broker.close()

    assert sorted(kind.name for kind in kinds) == ["store.item@1", "store.item@2"]
    queues = ("store.shelf", "store.vault")
    assert catalogue.actors["store.item"] == ServedActor(queues=queues, extension="vault", others=("shelf",))


def _as_other_model() -> Actor[..., Any, Any, Any]:
    @actor(OtherStore, provider=Shelf)
    def shelve(job: OtherStore, shelf: Shelf) -> None: ...

    return shelve


def _for_the_same_provider() -> Actor[..., Any, Any, Any]:
    @actor(Store, provider=Vault)
    def shelve(job: Store, vault: Vault) -> None: ...

    return shelve


def _with_another_promise() -> Actor[..., Any, Any, Any]:
    @actor(Store, provider=Shelf, unknown_outcome="park")
    def shelve(job: Store, shelf: Shelf) -> None: ...

    return shelve


@pytest.mark.parametrize(
    ("other", "why"),
    [
        (_as_other_model, "already, as another model;"),
        (_for_the_same_provider, "already, for Vault;"),
        (_with_another_promise, "already, with unknown_outcome='rerun';"),
    ],
)
def test_services_that_do_not_fit_together_are_refused(other: Any, why: str) -> None:
    with pytest.raises(BrokenExtensions, match=why):
        composed_of([vault(), shelf(other())])
