"""The composition root: settings in, a broker with its rings and actors out."""

from dataclasses import replace

import dramatiq

from actors.accounts.account_book import AccountBook
from broker.broker import LeewardBroker
from broker.delivery.payload_secrets import cleaned_here
from broker.fleet.session_permits import FleetSessions
from broker.options import SessionOptions
from leeward.client import Leeward
from leeward.extension import Context
from leeward.redaction import clean_excerpts_with
from middleware.guard_declaration import GuardDeclaration
from middleware.order import rings
from workers.composition.binding.binder import Binder
from workers.composition.binding.handlers import bind_handlers
from workers.composition.binding.observed_calls import ObservedCalls
from workers.composition.binding.opened_providers import OpenedProviders
from workers.composition.binding.opened_resources import OpenedResources
from workers.composition.binding.own_actors import declare_dependency_probes, declare_health_probes, declare_upkeep
from workers.composition.binding.periodic import bind_periodic, set_schedules
from workers.composition.composition import Composition, usable
from workers.composition.installed.extensions import Extensions
from workers.processes.addresses import valkey_address
from workers.settings.settings import Settings


def build_broker(settings: Settings) -> LeewardBroker:
    """A broker with every ring, made Dramatiq's global one.

    Raises:
        NotConfigured: there is no address of a Valkey.
    """
    clean_excerpts_with(cleaned_here)
    broker = LeewardBroker(
        valkey_address(settings),
        middleware=rings(),
        session=SessionOptions(lease=settings.lease),
    )
    dramatiq.set_broker(broker)
    return broker


def declare_actors(broker: LeewardBroker, settings: Settings, extensions: Extensions | None = None) -> Composition:
    """Declares the actors of every installed extension and configured provider, and the fleet's own periodic ones.

    Args:
        broker: where to declare them.
        settings: of this machine.
        extensions: those to use, where they are not those of this environment.

    Raises:
        BrokenExtensions: an installed extension cannot be used.
        UnusableSettings: with every problem of the settings of providers and actors.
    """
    composition = usable(settings, extensions)
    fleet = Leeward(valkey_address(settings))
    opened, resources = _opened(broker, composition, settings)
    broker.add_middleware(opened)
    binder = Binder(broker, opened, fleet)
    for actor in composition.actors:
        binder.declare(actor, composition.fleet.retry_presets[actor.name])
    bind_periodic(broker, composition.periodic, opened, fleet)
    bind_handlers(broker, composition.handlers, opened, fleet)
    broker.add_middleware(GuardDeclaration(composition.fleet.guards, composition.fleet.actor_guards))
    declare_health_probes(broker, composition, opened, settings)
    declare_dependency_probes(broker, composition, settings)
    if settings.database_url:
        declare_upkeep(broker, settings, opened, resources, fleet)
    set_schedules(broker, composition.fleet.schedules)
    return composition


def _opened(
    broker: LeewardBroker, composition: Composition, settings: Settings
) -> tuple[OpenedProviders, OpenedResources]:
    """Nothing is open yet."""
    kinds = tuple(kind for one in composition.installed for kind in one.extension.resources)
    context = Context(database_url=settings.database_url, templates=composition.templates)
    resources = OpenedResources((*kinds, AccountBook), context)
    shared = replace(context, resources=resources.get)

    def context_of(instance: str) -> Context:
        return replace(shared, sessions=FleetSessions(broker.client, instance))

    observe = ObservedCalls(broker.events)
    return OpenedProviders(composition.instances, context_of, after=resources.close, observe=observe), resources
