"""A Plex Media Server, as the fleet knows it."""

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar

from leeward.extension import Guards, Health, Provider
from leeward.jobs.sync.collection import CollectionItem
from providers.plex.settings import PlexSettings

if TYPE_CHECKING:
    from providers.plex.library import Scanned
    from providers.plex.media_collections import Collected
    from providers.plex.server import Server

_SCANS = 3
"""Another job's scan, one that ran already, and our own."""
_AROUND = timedelta(minutes=10)
"""For the calls beside it."""


class Plex(Provider[PlexSettings], type="plex"):
    """One server."""

    # A job that waits for the end of a scan is not a slow call.
    guards: ClassVar[Guards] = {"limit": 5, "slow": timedelta(days=2)}
    server: "Server"
    """Its calls, one by one. While it is open."""

    def longest_call(self) -> timedelta:
        return self.settings.scan_timeout * _SCANS + _AROUND

    def open(self) -> None:
        # The HTTP client is not for a worker that has no such server.
        from providers.plex.library import Library
        from providers.plex.media_collections import Collections
        from providers.plex.server import Server
        from providers.plex.transport import Transport

        self._transport = Transport(self.settings, self.context.call)
        self.server = Server(self._transport)
        self._library = Library(self.server, self.settings)
        self._collections = Collections(self.server)

    def close(self) -> None:
        self._transport.close()

    def health(self) -> Health:
        """Healthy means that `health_path` answers as a Plex server does."""
        found = self._transport.health()
        return Health.healthy(str(found.get("version") or f"{self.settings.health_path} answers"))

    def refresh(self, section: str | None, path: str | None, *, wait: bool) -> "Scanned":
        """See `Library.refresh`."""
        return self._library.refresh(section, path, wait=wait)

    def section_keys(self, media_type: str) -> list[str]:
        """The keys of the sections that hold `movie` or `tv`; of all that hold either, for any other word.

        Raises:
            ProviderError: see `providers.plex.answers`.
        """
        kinds = {"movie": {"movie"}, "tv": {"show"}}.get(media_type, {"movie", "show"})
        return [one.key for one in self.server.sections() if one.kind in kinds]

    def collect(self, section: str, title: str, items: Sequence[CollectionItem]) -> "Collected":
        """See `Collections.ensure`."""
        return self._collections.ensure(section, title, items)
