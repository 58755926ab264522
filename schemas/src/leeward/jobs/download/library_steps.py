"""What is to be done when a film is in its folder: the media server looks there, and then puts it into a collection."""

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from leeward.jobs.sync.collection import CollectionItem, SyncCollection
from leeward.jobs.sync.library import SyncLibrary

if TYPE_CHECKING:
    from leeward.jobs.download.media import DownloadMedia
    from leeward.request import Request


def library_steps(
    media: "DownloadMedia", *, section: str, seen_at: str, collection: str | None = None, provider: str = "plex"
) -> "Request":
    """The follow-ups of a film, each a job of its own with attempts of its own: a server that cannot be reached brings no film again.

        fleet.enqueue(media, then=library_steps(media, section="Films", seen_at="/films", collection="New"))

    Args:
        media: the job that brings it. Give each film a folder of its own, as media servers expect it.
        section: of the library, as people or the server call it.
        seen_at: the media folder of `media.provider` as the server sees it, which may be another than the fleet's.
        collection: its title; None: only the library looks.
        provider: the instance of the media server.

    Raises:
        pydantic.ValidationError: the jobs that these would be cannot be.
    """
    from leeward.request import Request  # it needs Dramatiq, which models do without

    place = PurePosixPath(seen_at) / media.destination
    look = SyncLibrary(provider=provider, section=section, path=str(place.parent))
    if collection is None:
        return Request(look)
    return Request(
        look, then=SyncCollection(provider=provider, section=section, title=collection, items=(_item(media, place),))
    )


def _item(media: "DownloadMedia", place: PurePosixPath) -> CollectionItem:
    """By its own folder; the name of its file is not known before it is there."""
    if PurePosixPath(media.destination).parent == PurePosixPath():
        return CollectionItem(title=place.name)
    return CollectionItem(path=str(place.parent))
