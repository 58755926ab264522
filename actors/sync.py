"""The `sync` family's actors at a Jellyfin server."""

from datetime import timedelta
from functools import partial
from typing import Any

from actors.accounts.account_book import AccountBook
from actors.accounts.account_set import bring_all_about, enqueued_on_its_own
from actors.accounts.account_sync import DELETED, bring_about
from leeward.client import Leeward
from leeward.extension import Extension, Permanent, actor, report_progress
from leeward.jobs.sync.library import SyncLibrary
from leeward.jobs.sync.user import SyncUser
from leeward.jobs.sync.users import SyncUsers
from providers.jellyfin.provider import Jellyfin

SET_TIME_LIMIT = timedelta(minutes=30)
SCAN_TIME_LIMIT = timedelta(hours=2)
"""A large library on slow disks."""


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


@actor(SyncLibrary, provider=Jellyfin, retry_preset="standard", unknown_outcome="rerun", time_limit=SCAN_TIME_LIMIT)
def sync_library(job: SyncLibrary, jellyfin: Jellyfin) -> dict[str, Any]:
    """Has all libraries scanned. Its result has `waited` and, if so, `ended`: when the scan was over, as the server writes it."""
    if job.section is not None:
        message = "a Jellyfin server is scanned as a whole: leave section and path out"
        raise Permanent(message, operation="refresh_library")
    if not job.wait:
        jellyfin.request_refresh()
        return {"waited": False}
    return {"waited": True, **jellyfin.refresh_library(lambda percent: report_progress(percent, 100))}


extension = Extension(
    "jellyfin",
    api=1,
    providers=[Jellyfin],
    actors=[sync_user, sync_users, sync_library],
    events={DELETED: "A provider confirmed that it has no such account any more. Data: provider, user."},
    resources=[AccountBook],
)
