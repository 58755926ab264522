from datetime import timedelta
from pathlib import Path

import dramatiq
import pytest

from broker.broker import LeewardBroker
from leeward import Leeward
from leeward.extension import Event, on, periodic
from leeward.record import Catalogue, InstalledExtension, ServedActor, ServedProvider
from middleware.order import rings
from tests.unit.workers.composition.extensions import Vault, vault
from workers.composition.composition import compose
from workers.composition.installed.extensions import Extensions, Installed
from workers.composition.publishing import served_by
from workers.settings.settings import Settings

QUEUES = ("store.vault", "store.vault-eu", "store.vault-us")
TOML = """
[providers.vault]
key = "open sesame"
criticality = "critical"
[providers.vault-eu]
type = "vault"
key = "open sesame, too"
[providers.vault-us]
type = "vault"
key = "shut sesame"
enabled = false
"""


@periodic(timedelta(minutes=10), provider=Vault)
def dust(vault: Vault) -> None: ...


@on("user.disabled")
def lock_out(event: Event, fleet: Leeward) -> None: ...


INSTALLED = Installed(
    vault(periodic=[dust], handlers=[lock_out]), "leeward-vault", "1.2", ("leeward_vault", "vault_client")
)


@pytest.fixture
def served(tmp_path: Path) -> tuple[Catalogue, list[str], str]:
    file = tmp_path / "leeward.toml"
    file.write_text(TOML)
    composition = compose(Settings.load({"LEEWARD_CONFIG": str(file)}), Extensions((INSTALLED,)))
    assert composition.problems == ()
    broker = LeewardBroker(middleware=rings())
    dramatiq.actor(actor_name="sweep", queue_name="sweeps", broker=broker, periodic="@daily")(lambda: None)
    catalogue, kinds = served_by(composition, broker)
    broker.close()
    return catalogue, [kind.name for kind in kinds], "".join(kind.model_dump_json() for kind in kinds)


def test_a_catalogue_names_instances_and_queues(
    served: tuple[Catalogue, list[str], str],
) -> None:
    catalogue = served[0]
    assert dict(catalogue.providers) == {
        "vault": ServedProvider(type="vault", criticality="critical", extension="vault"),
        "vault-eu": ServedProvider(type="vault", criticality="important", extension="vault"),
        "vault-us": ServedProvider(type="vault", criticality="important", extension="vault", enabled=False),
    }
    assert catalogue.actors["store.item"] == ServedActor(queues=QUEUES, extension="vault")


def test_a_catalogue_names_periodic_actors_and_handlers(served: tuple[Catalogue, list[str], str]) -> None:
    actors = served[0].actors
    assert actors["vault.dust.vault-eu"].schedule == "every 0:10:00"
    assert actors["vault.lock_out"] == ServedActor(queues=("events",), extension="vault", event="user.disabled")
    assert actors["sweep"] == ServedActor(queues=("sweeps",), schedule="@daily")


def test_every_version_that_an_actor_accepts_is_published_with_its_origin(
    served: tuple[Catalogue, list[str], str],
) -> None:
    catalogue, names, text = served
    assert sorted(names) == sorted(catalogue.kinds) == ["store.item@1", "store.item@2"]
    assert '"packages":["leeward_vault","vault_client"]' in text
    assert catalogue.extensions == {"vault": InstalledExtension(distribution="leeward-vault", version="1.2", api=1)}


def test_no_setting_of_a_provider_is_published(served: tuple[Catalogue, list[str], str]) -> None:
    assert "sesame" not in served[0].text() + served[2]
