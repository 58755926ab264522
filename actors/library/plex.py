"""The actors of Plex Media Server: its library and its collections."""

from dataclasses import asdict
from typing import Any

from leeward.extension import Extension, actor, emit_event
from leeward.jobs.sync.collection import SyncCollection
from leeward.jobs.sync.library import SyncLibrary
from providers.plex.provider import Plex
from providers.plextv.provider import PlexTv


@actor(SyncLibrary, provider=Plex, retry_preset="quick", unknown_outcome="rerun")
def sync_library(job: SyncLibrary, plex: Plex) -> dict[str, Any]:
    """Has the library scanned. Running it again costs another scan. Its result is a `providers.plex.library.Scanned`."""
    scanned = plex.refresh(job.section, job.path, wait=job.wait)
    if scanned.finished:
        emit_event("library.scanned", provider=plex.name, sections=list(scanned.sections))
    return asdict(scanned)


@actor(SyncCollection, provider=Plex, retry_preset="quick", unknown_outcome="rerun")
def sync_collection(job: SyncCollection, plex: Plex) -> dict[str, Any]:
    """Brings items into a collection. Running it again is harmless. Its result is a `providers.plex.media_collections.Collected`."""
    return asdict(plex.collect(job.section, job.title, job.items))


extension = Extension(
    "plex",
    api=1,
    providers=[Plex, PlexTv],
    actors=[sync_library, sync_collection],
    events={"library.scanned": "A media server has looked at its folders. Data: provider, sections."},
)
