"""The `sync` family's actor."""

import time
from datetime import datetime, timedelta
from typing import Any

import structlog

from actors.account_expiries import AccountExpiries
from broker.delivery.current import server_now
from leeward.extension import Extension, actor, emit_event
from leeward.jobs.sync.user import SyncUser, UserState
from providers.jellyfin.provider import Jellyfin

_log = structlog.get_logger(__name__)


@actor(SyncUser, provider=Jellyfin, retry_preset="standard", unknown_outcome="rerun")
def sync_user(job: SyncUser, jellyfin: Jellyfin) -> dict[str, Any]:
    """Brings an account into a desired state. Running it again is harmless. Its result is that of `UserDirectory.ensure_user`."""
    expiries = jellyfin.resource(AccountExpiries) if jellyfin.context.database_url else None
    if job.expires_at is not None and expiries is not None:
        # Before the account is touched, so that none stands enabled whose end is not known.
        expiries.record(job)
    state, began = wanted_state(job, server_now()), time.monotonic()
    result = jellyfin.ensure_user(job.user, state, job.password)
    if expiries is not None:
        _confirm(expiries, job, state, timedelta(seconds=time.monotonic() - began))
    if state is UserState.DISABLED:
        emit_event("user.disabled", provider=jellyfin.name, user=job.user)
    return result


def _confirm(expiries: AccountExpiries, job: SyncUser, state: UserState, took: timedelta) -> None:
    """The provider has done it: a database that cannot be reached is no reason to do it again."""
    try:
        expiries.confirm(job, disabled=state is UserState.DISABLED, took=took)
    except Exception as error:  # an account's end is asked for again until it is noted
        _log.warning("account_not_noted", provider=job.provider, state=state.value, error=type(error).__name__)


def wanted_state(job: SyncUser, now: datetime) -> UserState:
    """The state to bring about now: a job that waited out an outage must not enable an account past its end."""
    return UserState.DISABLED if job.expires_at is not None and job.expires_at <= now else job.state


extension = Extension("jellyfin", api=1, providers=[Jellyfin], actors=[sync_user], resources=[AccountExpiries])
