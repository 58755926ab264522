"""Small extensions that tests compose."""

from typing import Any, ClassVar

from pydantic import BaseModel, SecretStr

from leeward import Job
from leeward.extension import Extension, Health, Provider, actor


class VaultSettings(BaseModel):
    key: SecretStr
    shelf: int = 1


class Vault(Provider[VaultSettings], type="vault"):
    def health(self) -> Health:
        return Health.healthy()


class Store(Job):
    kind: ClassVar[str] = "store.item"
    version: ClassVar[int] = 2
    family: ClassVar[str] = "store"
    item: str


class StoreV1(Job):
    kind: ClassVar[str] = "store.item"
    version: ClassVar[int] = 1
    family: ClassVar[str] = "store"
    thing: str

    def upgraded(self) -> Store:
        return Store(provider=self.provider, item=self.thing)


@actor(Store, provider=Vault, accepts=[StoreV1])
def store_item(job: Store, vault: Vault) -> str:
    return f"{job.item} in {vault.name}"


def vault(**changes: Any) -> Extension:
    """An extension that can be used, but for the changes."""
    return Extension(**{"name": "vault", "api": 1, "providers": [Vault], "actors": [store_item], **changes})
