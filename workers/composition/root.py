"""The composition root: settings in, a broker with its rings and actors out."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

import dramatiq

from actors.account_expiries import AccountExpiries
from actors.expiry import declare_expire_accounts
from actors.probe import declare_probes
from actors.prune import declare_prune
from broker.broker import LeewardBroker
from broker.delivery.payload_secrets import cleaned_here
from broker.events import Accused
from broker.fleet import health_record
from broker.fleet.session_permits import FleetSessions
from broker.guards.store import Guards
from broker.options import SessionOptions
from leeward.client import Leeward
from leeward.errors import JobNotFound
from leeward.extension import Context, Health
from leeward.jobs.sync_user import SyncUser
from leeward.redaction import clean_excerpts_with, cleaned
from leeward.status import JobStatus
from middleware.guard_declaration import GuardDeclaration
from middleware.order import rings
from workers.background.prompt_probes import PromptProbes
from workers.background.retention import RetentionRun
from workers.composition.binder import Binder
from workers.composition.composition import Composition, usable
from workers.composition.opened_providers import OpenedProviders
from workers.composition.opened_resources import OpenedResources
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


def declare_actors(broker: LeewardBroker, settings: Settings) -> Composition:
    """Declares the actors of every installed extension and configured provider, and the fleet's own periodic ones.

    Raises:
        BrokenExtensions: an installed extension cannot be used.
        InvalidSettings: with every problem of the providers' settings.
    """
    composition = usable(settings)
    fleet = Leeward(valkey_address(settings))
    opened, resources = _opened(broker, composition, settings)
    broker.add_middleware(opened)
    binder = Binder(broker, opened, fleet)
    for actor in composition.actors:
        binder.declare(actor, composition.fleet.retry_presets[actor.name])
    broker.add_middleware(GuardDeclaration(composition.fleet.guards, composition.fleet.actor_guards))
    _declare_probes(broker, composition, opened, settings)
    if settings.database_url:
        _declare_upkeep(broker, settings, resources, fleet)
    return composition


def _opened(
    broker: LeewardBroker, composition: Composition, settings: Settings
) -> tuple[OpenedProviders, OpenedResources]:
    """Nothing is open yet."""
    kinds = tuple(kind for one in composition.installed for kind in one.extension.resources)
    context = Context(database_url=settings.database_url, templates=composition.templates)
    resources = OpenedResources((*kinds, AccountExpiries), context)
    shared = replace(context, resources=resources.get)

    def context_of(instance: str) -> Context:
        return replace(shared, sessions=FleetSessions(broker.client, instance))

    return OpenedProviders(composition.instances, context_of, after=resources.close), resources


def _declare_probes(
    broker: LeewardBroker, composition: Composition, opened: OpenedProviders, settings: Settings
) -> None:
    probes = {}
    for instance in composition.instances.values():
        if instance.enabled:
            check = {instance.name: partial(opened.health, instance.name)}
            schedule = settings.probe_schedule if instance.health_every is None else instance.health_every
            (probes[instance.name],) = declare_probes(
                broker,
                check,
                partial(_record, broker),
                schedule=schedule,
                is_enabled=partial(_is_enabled, broker),
            )
    broker.events.subscribe(Accused, PromptProbes(probes).look)


def _declare_upkeep(broker: LeewardBroker, settings: Settings, resources: OpenedResources, fleet: Leeward) -> None:
    declare_expire_accounts(
        broker,
        lambda: resources.get(AccountExpiries),
        partial(_disable, fleet),
        partial(_status, fleet),
        schedule=settings.expiry_schedule,
    )
    declare_prune(broker, RetentionRun(settings).run, schedule=settings.prune_schedule)


def _disable(fleet: Leeward, job: SyncUser) -> str:
    # No key: an account that was given another end under another spelling of its name would be a conflict.
    return fleet.enqueue(job).job_id


def _status(fleet: Leeward, job_id: str) -> JobStatus | None:
    try:
        return fleet.status(job_id)
    except JobNotFound:
        return None


def _is_enabled(broker: LeewardBroker, provider: str) -> bool:
    return Guards(broker.client, provider).config().enabled


def _record(broker: LeewardBroker, provider: str, health: Health) -> bool:
    Guards(broker.client, provider).probed(
        healthy=health.ok, detail=cleaned(health.detail), worker=broker.session.process
    )
    return health_record.record(
        broker.client,
        provider,
        healthy=health.ok,
        detail=health.detail,
        latency=health.latency or timedelta(0),
        now=lambda: datetime.now(UTC),
    )
