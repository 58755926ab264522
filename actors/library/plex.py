"""The actors of Plex Media Server: its library and its collections."""

from dataclasses import asdict
from typing import Any

from leeward.client import Leeward
from leeward.extension import Event, Extension, actor, child_key, emit_event, on
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


@on("media.available", provider=Plex)
def scan_available(event: Event, plex: Plex, fleet: Leeward) -> None:
    """Has the sections of the media's type scanned, where the instance's `refresh_when_available` says so."""
    if plex.settings.refresh_when_available:
        for key in plex.section_keys(str(event.data.get("media_type"))):
            fleet.enqueue(SyncLibrary(provider=plex.name, section=key), idempotency_key=child_key(key))


extension = Extension(
    "plex",
    api=1,
    providers=[Plex, PlexTv],
    actors=[sync_library, sync_collection],
    handlers=[scan_available],
    events={"library.scanned": "A Plex server has looked at its folders. Data: provider, sections."},
)
