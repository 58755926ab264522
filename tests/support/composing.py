"""An extension's actors on a broker, as a worker binds them: for tests that make the instances themselves."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType
from typing import Any

from pydantic import BaseModel, SecretStr

from broker.broker import LeewardBroker
from broker.guards.config import GuardConfig
from leeward.client import Leeward
from leeward.extension import Context, Extension
from workers.composition.binding.binder import Binder
from workers.composition.binding.opened_providers import OpenedProviders
from workers.composition.binding.opened_resources import OpenedResources
from workers.composition.installed.extensions import composed_of
from workers.composition.instance import Instance
from workers.composition.parts import bound_actors
from workers.composition.provider_type import ProviderType

NO_TYPES: Mapping[str, str] = MappingProxyType({})


def instances(
    extension: Extension, settings: Mapping[str, BaseModel], types: Mapping[str, str] = NO_TYPES
) -> dict[str, Instance]:
    """Name -> settings become instances of the type that `types` names, or else of the extension's first that has such settings."""
    known = composed_of([extension]).types()

    def type_of(name: str, one: BaseModel) -> ProviderType:
        fits = (kind for kind in known.values() if isinstance(one, kind.settings))
        return known[types[name]] if name in types else next(fits)

    return {
        name: Instance(name=name, type=type_of(name, one), settings=one, guards=GuardConfig())
        for name, one in settings.items()
    }


@contextmanager
def bound(
    broker: LeewardBroker,
    extension: Extension,
    settings: Mapping[str, BaseModel],
    *,
    client: Leeward | None = None,
    database_url: SecretStr | None = None,
    types: Mapping[str, str] = NO_TYPES,
    **context: Any,
) -> Iterator[OpenedProviders]:
    """Declares them; closes what was opened. Whoever starts a worker closes more than once, which does no harm."""
    resources = OpenedResources(extension.resources, Context(database_url=database_url))
    made = Context(database_url=database_url, resources=resources.get, **context)
    found = instances(extension, settings, types)
    opened = OpenedProviders(found, lambda _: made, after=resources.close)
    broker.add_middleware(opened)
    binder = Binder(broker, opened, client or Leeward("redis://127.0.0.1:1/0"))
    for actor in bound_actors(composed_of([extension]).installed, found):
        if actor.instances:
            binder.declare(actor, actor.services[0].declared.retry_preset)
    yield opened
    opened.close()
