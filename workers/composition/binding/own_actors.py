"""The periodic actors that every fleet has: health probes, the end of accounts, retention."""

from datetime import UTC, datetime, timedelta
from functools import partial

from actors import probe
from actors.accounts.account_book import AccountBook
from actors.accounts.expiry import declare_expire_accounts
from actors.periodic import declare_periodic
from actors.probe import declare_probes
from actors.prune import declare_prune
from broker.broker import LeewardBroker
from broker.events import Accused
from broker.fleet import health_record
from broker.guards.store import Guards
from leeward.client import Leeward
from leeward.extension import Health
from leeward.redaction import cleaned
from workers.background.prompt_probes import PromptProbes
from workers.background.retention import RetentionRun
from workers.composition.binding.opened_providers import OpenedProviders
from workers.composition.binding.opened_resources import OpenedResources
from workers.composition.composition import Composition
from workers.dependencies.probes import DEPENDENCY_PROBES, DependencyProbes
from workers.recovery.of_extensions import actions_of
from workers.recovery.own_actions import try_circuit_early
from workers.recovery.recovering_checks import RecoveringChecks
from workers.recovery.recovery import Recovery
from workers.settings.settings import Settings


def declare_health_probes(
    broker: LeewardBroker, composition: Composition, opened: OpenedProviders, settings: Settings
) -> None:
    """One for each instance, with the recovery actions of this process. It also runs at once when a single job's failures suggest an
    outage of its provider.
    """
    probes = {}
    actions = [try_circuit_early(broker.client), *actions_of(composition, opened)]
    checks = RecoveringChecks(opened.health, Recovery(broker.client, actions, by=lambda: broker.session.process))
    for instance in composition.instances.values():
        check = {instance.name: partial(checks.check, instance.name)}
        schedule = settings.probe_schedule if instance.health_every is None else instance.health_every
        (probes[instance.name],) = declare_probes(
            broker,
            check,
            partial(_record, broker),
            schedule=schedule,
            is_enabled=partial(_is_enabled, broker),
        )
    broker.events.subscribe(Accused, PromptProbes(probes).look)


def declare_dependency_probes(broker: LeewardBroker, composition: Composition, settings: Settings) -> None:
    """One for all dependencies: those of the configuration, and those that were added at run time."""
    look = DependencyProbes(broker.client, composition.fleet.dependencies).look
    declare_periodic(
        broker,
        look,
        name=DEPENDENCY_PROBES,
        queue=probe.QUEUE,
        schedule=settings.probe_schedule,
        max_retries=0,
        time_limit=probe.TIME_LIMIT_MS,
        at_start=True,
    )


def declare_upkeep(
    broker: LeewardBroker, settings: Settings, opened: OpenedProviders, resources: OpenedResources, fleet: Leeward
) -> None:
    """What only a fleet with a database has to do."""
    declare_expire_accounts(
        broker,
        lambda: resources.get(AccountBook),
        fleet,
        opened.health_if_known,
        schedule=settings.expiry_schedule,
    )
    declare_prune(broker, RetentionRun(settings).run, schedule=settings.prune_schedule)


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
