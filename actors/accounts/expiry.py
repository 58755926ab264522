"""What is wanted of accounts is brought about until their provider has confirmed it. Those whose end has come are disabled: here at once,
and at the provider as soon as it answers.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any, Protocol

import dramatiq
import structlog

from actors.accounts.account_jobs import job_for
from actors.each import each
from actors.periodic import declare_periodic
from leeward.errors import JobNotFound
from leeward.extension import Health
from leeward.jobs.sync.user import SyncUser
from leeward.redaction import cleaned
from leeward.request import Enqueued
from leeward.status import JobState, JobStatus

if TYPE_CHECKING:
    from storage.accounts.claims import Account, Overdue

QUEUE = "expiry"
ACTOR = "expire.accounts"
MOST_A_TICK = 500

_log = structlog.get_logger(__name__)


class Book(Protocol):
    """Where accounts are recorded. Every call may raise when its server cannot be reached."""

    def due(self) -> Sequence[str]:
        """The providers that have accounts to ask for."""

    def claim(self, provider: str, *, overdue: bool = False) -> "Sequence[Account]":
        """A few of them, reserved for this caller; `overdue`: of those only that ended long ago."""

    def disable_here(self, provider: str, why: str) -> int:
        """Disables, here alone, every account of a provider whose end has come. Returns how many."""

    def asked(self, account: "Account", job_id: str) -> None:
        """Notes the job that is to bring about what is wanted of an account."""

    def failed(self, account: "Account", error: str) -> None:
        """Notes why an account is still not what is wanted of it."""

    def overdue(self) -> "Overdue":
        """Those that ended a while ago and are not confirmed as disabled."""


class Fleet(Protocol):
    """A `Leeward` client, as far as it is needed here."""

    def enqueue(self, job: SyncUser, /) -> Enqueued: ...

    def status(self, job_id: str) -> JobStatus: ...


def declare_expire_accounts(
    broker: dramatiq.Broker,
    open_book: Callable[[], Book],
    fleet: Fleet,
    health_of: Callable[[str], Health | None],
    *,
    schedule: str,
) -> "dramatiq.Actor[..., Any]":
    """Declares the periodic actor `expire.accounts`, which enqueues a `SyncUser` for each account that is not known to be what is wanted.

    Accounts are taken in small batches, and before each their provider's health is checked. While it is unhealthy, accounts whose end has
    come are disabled in the book alone, as `pending_sync`, and asked for when it is healthy again. One that ended long ago is asked for in
    any case: a health check may be wrong, and a job waits out an outage by itself.

    What the provider has done is noted by the job (`account_sync`). Until it has, the account is asked for again with growing pauses,
    whatever became of its job: cancelled, dead, or lost. A job that still waits or runs is left to it.

    Args:
        broker: where to declare it.
        open_book: where accounts are noted; called by each tick, as opening it may take a while.
        fleet: enqueues the jobs, and knows how they are.
        health_of: checks a provider now; None where this process does not know it.
        schedule: a cron schedule, or a duration (`broker.periodic.schedule.schedule_of`).
    """

    def expire_accounts() -> None:
        book = open_book()
        taken = islice(_taken(book, health_of), MOST_A_TICK)
        tally = each(broker, ACTOR, taken, partial(_ask, book, fleet), lambda one: f"{one.provider}/{one.user}")
        if tally.done:
            _log.info("accounts_asked_for", count=tally.done)
        late = book.overdue()
        if late.number:
            _log.error("accounts_not_disabled", count=late.number, oldest=_text(late.oldest))

    return declare_periodic(broker, expire_accounts, name=ACTOR, queue=QUEUE, schedule=schedule)


def _taken(book: Book, health_of: Callable[[str], Health | None]) -> "Iterator[Account]":
    """The accounts to ask for, a batch at a time."""
    for provider in book.due():
        is_down = False
        while True:
            health = None if is_down else health_of(provider)
            if health is not None and not health.ok:
                is_down = True
                _disable_here(book, provider, health)
            batch = book.claim(provider, overdue=is_down)
            if not batch:
                break
            yield from batch


def _disable_here(book: Book, provider: str, health: Health) -> None:
    number = book.disable_here(provider, cleaned(f"{provider} is unhealthy: {health.detail}"))
    if number:
        _log.warning("accounts_disabled_here", provider=provider, count=number, health=cleaned(health.detail))


def _ask(book: Book, fleet: Fleet, account: "Account") -> None:
    try:
        if account.job_id and _is_under_way(book, account, _status(fleet, account.job_id)):
            return
        # No key: an account that was given another end under another spelling of its name would be a conflict.
        book.asked(account, fleet.enqueue(job_for(account)).job_id)
    except Exception as error:
        book.failed(account, cleaned(f"no job could be enqueued: {type(error).__name__}: {error}"))
        raise


def _is_under_way(book: Book, account: "Account", status: JobStatus | None) -> bool:
    """Whether the latest job may still do it. One that ended without success is noted."""
    if status is None or not status.state.is_final:
        return status is not None
    if status.state is not JobState.DONE:
        book.failed(account, f"job {status.job_id} is {status.state.value}: {status.reason or 'no reason kept'}")
    return False


def _status(fleet: Fleet, job_id: str) -> JobStatus | None:
    try:
        return fleet.status(job_id)
    except JobNotFound:
        return None


def _text(instant: datetime | None) -> str | None:
    return None if instant is None else instant.isoformat()
