"""The `sync` family's actor."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import dramatiq

from actors.declare import declare
from leeward.queue_name import queue_name
from leeward.sync_user import SyncUser, UserState
from providers.errors import Misconfigured
from providers.jellyfin import UserDirectory


def declare_sync_user(
    broker: dramatiq.Broker,
    directories: Mapping[str, UserDirectory],
    record_expiry: Callable[[SyncUser], None] | None = None,
    *,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> dramatiq.Actor[..., Any]:
    """Declares the actor that brings accounts into a desired state, with a queue for each directory, by provider name.

    Running it again is harmless. Its result is that of `UserDirectory.ensure_user`.

    Args:
        broker: where to declare it.
        directories: by provider name.
        record_expiry: notes when an account is to be disabled. Called before the account is touched, so that none stands
            enabled whose end nobody knows; it must bear being called again.
        now: the clock that `expires_at` is compared with.
    """

    def sync_user(job: SyncUser) -> dict[str, Any]:
        directory = directories.get(job.provider)
        if directory is None:
            message = f"no user directory is configured for {job.provider!r}"
            raise Misconfigured(message, provider=job.provider, operation="ensure_user")
        if job.expires_at is not None and record_expiry is not None:
            record_expiry(job)
        return directory.ensure_user(job.user, wanted_state(job, now()), job.password)

    return declare(
        broker,
        SyncUser,
        sync_user,
        queues=[queue_name(SyncUser.family, name) for name in directories],
        retries="standard",
        unknown_outcome="rerun",
    )


def wanted_state(job: SyncUser, now: datetime) -> UserState:
    """The state to bring about now: a job that waited out an outage must not enable an account past its end."""
    return UserState.DISABLED if job.expires_at is not None and job.expires_at <= now else job.state
