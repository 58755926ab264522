"""Accounts whose time is over are disabled."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import dramatiq
import structlog

from leeward.sync_user import SyncUser, UserState

if TYPE_CHECKING:
    from storage.accounts import Account

QUEUE = "expiry"

_log = structlog.get_logger(__name__)


def declare_expire_accounts(
    broker: dramatiq.Broker,
    due: "Callable[[datetime], Iterable[Account]]",
    enqueue: Callable[[SyncUser, str], object],
    mark: "Callable[[Account], object]",
    *,
    schedule: str,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> "dramatiq.Actor[..., Any]":
    """Declares the periodic actor `expire.accounts`, which enqueues one `SyncUser` to `disabled` for each account whose time is over.

    Each is keyed by account and expiry, so a tick that dies half-way, or two at once, disable nobody twice.

    Args:
        broker: where to declare it.
        due: the accounts whose time is over at an instant.
        enqueue: takes the job and its idempotency key.
        mark: notes that an account's end is seen to; called after its job is durable.
        schedule: a cron schedule, or a span (`broker.schedule.schedule_of`).
        clock: the time.
    """

    def expire_accounts() -> None:
        count = 0
        try:
            accounts = list(due(clock()))
        except Exception as error:  # the next tick is the retry; a dead letter for each would tell nobody anything
            _log.warning("expiry_postponed", error=f"{type(error).__name__}: {error}")
            return
        for account in accounts:
            job = SyncUser(provider=account.provider, user=account.user, state=UserState.DISABLED)
            enqueue(job, f"expiry:{account.provider}:{account.user.lower()}:{account.expires_at.isoformat()}")
            mark(account)
            count += 1
        if count:
            _log.info("accounts_expired", count=count)

    bind = dramatiq.actor(
        actor_name="expire.accounts", queue_name=QUEUE, broker=broker, periodic=schedule, max_retries=0
    )
    actor: dramatiq.Actor[..., Any] = bind(expire_accounts)
    return actor
