"""The `sync` family's actor."""

import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Protocol

import dramatiq
import structlog

from actors.declare import declare
from broker.current import server_now
from leeward.extension.errors import Misconfigured
from leeward.queue_name import queue_name
from leeward.sync_user import SyncUser, UserState
from providers.jellyfin import UserDirectory

_log = structlog.get_logger(__name__)


class Confirm(Protocol):
    """Notes what a provider has said of a job's account: that it is disabled, or enabled, and how long ago it was asked."""

    def __call__(self, job: SyncUser, *, disabled: bool, took: timedelta) -> None: ...


def declare_sync_user(
    broker: dramatiq.Broker,
    directories: Mapping[str, UserDirectory],
    record_expiry: Callable[[SyncUser], None] | None = None,
    confirm: Confirm | None = None,
    *,
    now: Callable[[], datetime] = server_now,
) -> dramatiq.Actor[..., Any]:
    """Declares the actor that brings accounts into a desired state, with a queue for each directory, by provider name.

    Running it again is harmless. Its result is that of `UserDirectory.ensure_user`.

    Args:
        broker: where to declare it.
        directories: by provider name.
        record_expiry: notes when an account is to be disabled. Called before the account is touched, so that none stands
            enabled whose expiry is not recorded; calling it again must be safe.
        confirm: notes what the provider has said, after it did. What cannot be noted then is asked for again (`actors.expiry`).
        now: the clock that `expires_at` is compared with; the fleet's when absent.
    """

    def sync_user(job: SyncUser) -> dict[str, Any]:
        directory = directories.get(job.provider)
        if directory is None:
            message = f"no user directory is configured for {job.provider!r}"
            raise Misconfigured(message, provider=job.provider, operation="ensure_user")
        if job.expires_at is not None and record_expiry is not None:
            record_expiry(job)
        state, began = wanted_state(job, now()), time.monotonic()
        result = directory.ensure_user(job.user, state, job.password)
        if confirm is not None:
            _confirm(confirm, job, state, timedelta(seconds=time.monotonic() - began))
        return result

    return declare(
        broker,
        SyncUser,
        sync_user,
        queues=[queue_name(SyncUser.family, name) for name in directories],
        retry_preset="standard",
        unknown_outcome="rerun",
    )


def _confirm(confirm: Confirm, job: SyncUser, state: UserState, took: timedelta) -> None:
    """The provider has done it: an unreachable account book is not a reason to do it again."""
    try:
        confirm(job, disabled=state is UserState.DISABLED, took=took)
    except Exception as error:  # an account's end is asked for again until it is noted
        _log.warning("account_not_noted", provider=job.provider, state=state.value, error=type(error).__name__)


def wanted_state(job: SyncUser, now: datetime) -> UserState:
    """The state to bring about now: a job that waited out an outage must not enable an account past its end."""
    return UserState.DISABLED if job.expires_at is not None and job.expires_at <= now else job.state
