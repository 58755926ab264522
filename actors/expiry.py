"""Accounts whose end has come are disabled: asked for until their provider has confirmed it."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

import dramatiq
import structlog

from actors.each import each
from actors.periodic import declare_periodic
from leeward.errors import JobNotFound
from leeward.jobs.sync.user import SyncUser, UserState
from leeward.redaction import cleaned
from leeward.request import Enqueued
from leeward.status import JobState, JobStatus

if TYPE_CHECKING:
    from storage.accounts.accounts import Account, Overdue

QUEUE = "expiry"
ACTOR = "expire.accounts"

_log = structlog.get_logger(__name__)


class Book(Protocol):
    """Where accounts are recorded. Every call may raise when its server cannot be reached."""

    def claim(self) -> "Sequence[Account]":
        """Expired accounts, reserved for this caller."""

    def asked(self, account: "Account", job_id: str) -> None:
        """Notes the job that is to disable an account."""

    def failed(self, account: "Account", error: str) -> None:
        """Notes why an account is still not disabled."""

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
    *,
    schedule: str,
) -> "dramatiq.Actor[..., Any]":
    """Declares the periodic actor `expire.accounts`, which enqueues a `SyncUser` to `disabled` for each account whose end has come.

    What the provider has done is noted by the job itself (`actors.sync`). Until it has, the account is asked for again with growing pauses,
    whatever became of its job: cancelled, dead, or lost. A job that still waits or runs is left to it.

    Args:
        broker: where to declare it.
        open_book: where accounts are noted; called by each tick, as opening it may take a while.
        fleet: enqueues the jobs, and knows how they are.
        schedule: a cron schedule, or a duration (`broker.periodic.schedule.schedule_of`).
    """

    def ask(book: Book, account: "Account") -> None:
        try:
            if account.job_id and _is_under_way(book, account, _status(fleet, account.job_id)):
                return
            job = SyncUser(provider=account.provider, user=account.user, state=UserState.DISABLED)
            # No key: an account that was given another end under another spelling of its name would be a conflict.
            book.asked(account, fleet.enqueue(job).job_id)
        except Exception as error:
            book.failed(account, cleaned(f"no job could be enqueued: {type(error).__name__}: {error}"))
            raise

    def expire_accounts() -> None:
        book = open_book()
        tally = each(
            broker, ACTOR, book.claim(), partial(ask, book), lambda account: f"{account.provider}/{account.user}"
        )
        if tally.done:
            _log.info("accounts_asked_for", count=tally.done)
        late = book.overdue()
        if late.number:
            _log.error("accounts_not_disabled", count=late.number, oldest=_text(late.oldest))

    return declare_periodic(broker, expire_accounts, name=ACTOR, queue=QUEUE, schedule=schedule)


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
