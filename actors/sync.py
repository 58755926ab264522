"""The `sync` family's actors at a Jellyfin server."""

from datetime import timedelta
from functools import partial
from typing import Any

from actors.accounts.account_book import AccountBook
from actors.accounts.account_set import bring_all_about, enqueued_on_its_own
from actors.accounts.account_sync import CREATED, DELETED, ENABLED, SYNCED, bring_about
from leeward.client import Leeward
from leeward.extension import Extension, Permanent, actor, emit_event, report_progress
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
    result = bring_about(job, jellyfin)
    emit_event(SYNCED, provider=jellyfin.name, done=1, handed_on=0, refused=0)
    return result


@actor(SyncUsers, provider=Jellyfin, retry_preset="standard", unknown_outcome="rerun", time_limit=SET_TIME_LIMIT)
def sync_users(job: SyncUsers, jellyfin: Jellyfin, fleet: Leeward) -> dict[str, Any]:
    """Brings a set of accounts into their states. Its result has `numbers` (`done`, `handed_on`, `refused`) and, by user, what was
    `changed`, which job tries further, and why one was `refused`.
    """
    outcome = bring_all_about(
        job, lambda one: bring_about(one, jellyfin), partial(enqueued_on_its_own, enqueue=fleet.enqueue)
    )
    result = outcome.as_result()
    emit_event(SYNCED, provider=jellyfin.name, **result["numbers"])
    return result


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
    events={
        CREATED: "A provider has made an account. Data: provider, user.",
        ENABLED: "A provider confirmed that an account is enabled. Data: provider, user.",
        DELETED: "A provider confirmed that it has no such account any more. Data: provider, user.",
        SYNCED: "A job has brought accounts into their states. Data: provider, done, handed_on, refused: numbers of accounts.",
    },
    resources=[AccountBook],
)
