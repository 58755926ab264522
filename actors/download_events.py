"""The events of downloads, of files and of films: when one begins, when it is there, and when its job is dead."""

from leeward.extension import emit_event, emit_event_if_dead, emit_event_now
from leeward.jobs.download.file import DownloadFile
from leeward.jobs.download.media import DownloadMedia


def begin(job: DownloadFile | DownloadMedia) -> None:
    """To be called before anything is requested. Addresses may hold credentials and are left out.

    Raises:
        Exception: Valkey cannot be asked; nothing was requested.
    """
    facts = {"provider": job.provider, "kind": job.kind, "destination": job.destination}
    emit_event_now("download.started", **facts)
    emit_event_if_dead("download.failed", **facts)


def complete(job: DownloadFile | DownloadMedia, path: str, size_bytes: int) -> None:
    """To be called when the file is in its place."""
    emit_event(
        "download.completed",
        provider=job.provider,
        kind=job.kind,
        destination=job.destination,
        path=path,
        size_bytes=size_bytes,
    )
