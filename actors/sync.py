"""The `sync` family's actors at a Jellyfin server."""

from datetime import timedelta
from functools import partial
from typing import Any

from actors.accounts.account_book import AccountBook
from actors.accounts.account_set import bring_all_about, enqueued_on_its_own
from actors.accounts.account_sync import DELETED, bring_about
from leeward.client import Leeward
from leeward.extension import Extension, actor
from leeward.jobs.sync.user import SyncUser
from leeward.jobs.sync.users import SyncUsers
from providers.jellyfin.provider import Jellyfin

SET_TIME_LIMIT = timedelta(minutes=30)


@actor(SyncUser, provider=Jellyfin, retry_preset="standard", unknown_outcome="rerun")
def sync_user(job: SyncUser, jellyfin: Jellyfin) -> dict[str, Any]:
    """Brings an account into a desired state. Running it again is harmless. Its result is that of `UserDirectory.ensure_user`."""
    return bring_about(job, jellyfin)


@actor(SyncUsers, provider=Jellyfin, retry_preset="standard", unknown_outcome="rerun", time_limit=SET_TIME_LIMIT)
def sync_users(job: SyncUsers, jellyfin: Jellyfin, fleet: Leeward) -> dict[str, Any]:
    """Brings a set of accounts into their states. Its result has `numbers` (`done`, `handed_on`, `refused`) and, by user, what was
    `changed`, which job tries further, and why one was `refused`.
    """
    outcome = bring_all_about(
        job, lambda one: bring_about(one, jellyfin), partial(enqueued_on_its_own, enqueue=fleet.enqueue)
    )
    return outcome.as_result()


extension = Extension(
    "jellyfin",
    api=1,
    providers=[Jellyfin],
    actors=[sync_user, sync_users],
    events={DELETED: "A provider confirmed that it has no such account any more. Data: provider, user."},
    resources=[AccountBook],
)
