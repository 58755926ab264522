"""The composition root: settings in, a broker with its rings and actors out."""

from datetime import UTC, datetime, timedelta
from functools import partial

import dramatiq

from actors.download import declare_download_file
from actors.email import TEMPLATES, declare_send_email
from actors.expiry import declare_expire_accounts
from actors.probe import declare_probes
from actors.prune import declare_prune
from actors.sync import declare_sync_user
from broker import health_record
from broker.broker import LeewardBroker
from broker.current import current_delivery
from broker.events import Accused
from broker.guards.store import Guards
from broker.options import SessionOptions
from broker.payload_secrets import cleaned_here
from broker.session_permits import FleetSessions
from leeward.client import Leeward
from leeward.errors import JobNotFound
from leeward.extension import Health
from leeward.job import Job
from leeward.redaction import clean_excerpts_with, cleaned
from leeward.status import JobStatus
from leeward.sync_user import SyncUser
from middleware.guard_declaration import GuardDeclaration
from middleware.order import rings
from providers.smtp import Templates
from workers.account_book import AccountBook
from workers.addresses import valkey_address
from workers.configured_providers import ConfiguredProviders
from workers.prompt_probes import PromptProbes
from workers.pruning import Pruning
from workers.settings import Settings
from workers.thread_end import ThreadEnd


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


def declare_actors(broker: LeewardBroker, settings: Settings) -> None:
    """Declares the actors of every configured provider, and the periodic ones."""
    providers = ConfiguredProviders(settings, partial(FleetSessions, broker.client))
    fleet = Leeward(valkey_address(settings))
    book = AccountBook(settings) if settings.database_url else None
    if providers.directories:
        declare_sync_user(broker, providers.directories, book.record if book else None, book.confirm if book else None)
    if providers.mailers:
        declare_send_email(
            broker, providers.mailers, templates=Templates(TEMPLATES), enqueue=partial(_enqueue_in_time, fleet)
        )
        broker.add_middleware(ThreadEnd([mailer.close_this_thread for mailer in providers.mailers.values()]))
    if providers.downloaders:
        declare_download_file(broker, providers.downloaders)
    broker.add_middleware(GuardDeclaration(settings.guards.providers, settings.guards.actors))
    probes = declare_probes(
        broker,
        providers.checks,
        partial(_record, broker),
        schedule=settings.probe_schedule,
        is_enabled=partial(_is_enabled, broker),
    )
    broker.events.subscribe(Accused, PromptProbes(dict(zip(providers.checks, probes, strict=True))).look)
    if book:
        declare_expire_accounts(
            broker, book, partial(_disable, fleet), partial(_status, fleet), schedule=settings.expiry_schedule
        )
        declare_prune(broker, Pruning(settings).run, schedule=settings.prune_schedule)


def _enqueue(fleet: Leeward, job: Job, idempotency_key: str) -> str:
    return fleet.enqueue(job, idempotency_key=idempotency_key).job_id


def _disable(fleet: Leeward, job: SyncUser) -> str:
    # No key: an account that was given another end under another spelling of its name would be a conflict.
    return fleet.enqueue(job).job_id


def _status(fleet: Leeward, job_id: str) -> JobStatus | None:
    try:
        return fleet.status(job_id)
    except JobNotFound:
        return None


def _enqueue_in_time(fleet: Leeward, job: Job, idempotency_key: str) -> str:
    """Enqueues a part of the running job: what is too late for the whole is too late for its parts."""
    delivery = current_delivery()
    deadline_ms = delivery.options.get("deadline") if delivery else None
    deadline = datetime.fromtimestamp(deadline_ms / 1000, UTC) if isinstance(deadline_ms, int) else None
    return fleet.enqueue(job, idempotency_key=idempotency_key, deadline=deadline).job_id


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
