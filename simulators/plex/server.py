"""A Plex Media Server 1.43: its sections, searches, scans and collections, with its pages of HTML for errors.

Operations for fault rules are `METHOD /path`, as `GET /library/sections/1/refresh`.
"""

import re
import time
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, Self

from simulators.faults import FaultPlan
from simulators.http_server import Answer, HttpServer, Request
from simulators.plex.answers import MAINTENANCE, failed, listed, of_container, page
from simulators.plex.library import TYPES, Item, Library
from simulators.plex.media_collections import CollectionCalls
from simulators.plex.settings import SectionSettings, Settings
from simulators.record import Record

_SECTION = re.compile(r"/library/sections/([^/]+)/(all|refresh|collections)")
_REFRESH = "refresh"


class PlexSimulator:
    """One simulated server. `with PlexSimulator() as plex:` runs it on a free port."""

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        faults: FaultPlan | None = None,
        record: Record | None = None,
        settings: Settings | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.faults = faults or FaultPlan()
        self.record = record or Record()
        self.settings = settings or Settings()
        self.library = Library(lambda: self.settings, clock)
        self._collections = CollectionCalls(self.library, self.record, lambda: self.settings)
        self._server = HttpServer((host, port), self.respond, self.faults)

    @property
    def url(self) -> str:
        return self._server.url

    def start(self) -> None:
        self._server.start()

    def stop(self) -> None:
        self._server.stop()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def state(self) -> Mapping[str, Any]:
        return {
            "items": [{"key": one.rating_key, "title": one.title} for one in self.library.everything()],
            "collections": [
                {"key": one.rating_key, "title": one.title, "items": [*one.items]} for one in self.library.collections()
            ],
        }

    def configure(self, settings: Mapping[str, Any]) -> None:
        self.settings = self.settings.changed(dict(settings))

    def respond(self, request: Request) -> Answer:
        """The server's answer to a request, without its faults. Thread-safe."""
        if self.settings.maintenance:
            return MAINTENANCE
        if request.path == "/identity":
            return of_container(request, self._identity())
        if (refused := self._refused(request)) is not None:
            return refused
        return self._known(request)

    def _known(self, request: Request) -> Answer:
        if request.path in {"/library/sections", "/library/sections/all"}:
            sections = [self._section(one) for one in self.settings.sections]
            return listed(request, "Directory", sections, title1="Plex Library", allowSync=False)
        if request.path == "/status/sessions":
            return of_container(request, {"size": 0})
        if request.path == "/hubs/search":
            return self._search(request)
        if (found := _SECTION.fullmatch(request.path)) is not None:
            return self._of_section(request, found[1], found[2])
        return self._collections.respond(request) or failed(HTTPStatus.NOT_FOUND)

    def _refused(self, request: Request) -> Answer | None:
        token = request.headers.get("x-plex-token") or request.query.get("X-Plex-Token")
        if token == self.settings.token:
            return None
        if token in self.settings.shared_tokens:
            may_look = request.method == "GET" and not request.path.endswith(f"/{_REFRESH}")
            return None if may_look else failed(HTTPStatus.FORBIDDEN)
        return failed(HTTPStatus.UNAUTHORIZED)

    def _identity(self) -> dict[str, Any]:
        settings = self.settings
        return {
            "size": 0,
            "apiVersion": "1.2.2",
            "claimed": False,
            "machineIdentifier": settings.machine,
            "version": settings.version,
        }

    def _section(self, one: SectionSettings) -> dict[str, Any]:
        return {
            "key": one.key,
            "type": one.type,
            "title": one.title,
            "uuid": f"00000000-0000-0000-0000-{int(one.key):012}",
            "refreshing": self.library.is_refreshing(one.key),
            "scannedAt": self.library.scanned_at(one.key),
            "Location": [{"id": number, "path": path} for number, path in enumerate(one.locations, 1)],
        }

    def _of_section(self, request: Request, key: str, what: str) -> Answer:
        section = next((one for one in self.settings.sections if one.key == key), None)
        if section is None:
            return Answer(HTTPStatus.NOT_FOUND, b"", "text/html")
        if what == _REFRESH:
            return self._refresh(request, key)
        if request.method != "GET":
            return failed(HTTPStatus.NOT_FOUND)
        if what == "collections":
            return self._collections.listed(request, key)
        type_number = int(request.query.get("type") or TYPES[section.type])
        items = [self._metadata(one) for one in self.library.items(key, type_number)]
        return page(request, items, self.settings)

    def _refresh(self, request: Request, key: str) -> Answer:
        if request.method == "DELETE":
            self.library.cancel(key)
            return Answer(HTTPStatus.OK, b"", "text/html")
        if request.method != "GET":  # since 1.32.7
            return failed(HTTPStatus.NOT_FOUND)
        path = request.query.get("path")
        self.library.refresh(key, path)
        self.record.add("refreshed", section=key, path=path)
        return Answer(HTTPStatus.OK, b"", "text/html")

    def _search(self, request: Request) -> Answer:
        query = request.query.get("query", "").strip().lower()
        if not query:
            return failed(HTTPStatus.BAD_REQUEST)
        limit, within = int(request.query.get("limit") or 3), request.query.get("sectionId")
        found = [one for one in self.library.everything() if query in one.title.lower()]
        hubs = []
        for kind in TYPES:
            items = [one for one in found if one.kind == kind and within in {None, one.section}][:limit]
            hub = {"type": kind, "hubIdentifier": kind, "title": kind.title(), "size": len(items), "more": False}
            hubs.append(hub | ({"Metadata": [self._metadata(one) for one in items]} if items else {}))
        return listed(request, "Hub", hubs)

    def _metadata(self, one: Item) -> dict[str, Any]:
        files = [{"id": number, "file": path} for number, path in enumerate(one.files, 1)]
        said: dict[str, Any] = {
            "ratingKey": str(one.rating_key),
            "key": f"/library/metadata/{one.rating_key}",
            "guid": f"plex://{one.kind}/{one.rating_key:024x}",
            "type": one.kind,
            "title": one.title,
            "librarySectionID": int(one.section),
        }
        return (
            said
            | ({} if one.year is None else {"year": one.year})
            | ({} if one.show_key is None else {"grandparentRatingKey": str(one.show_key)})
            | ({"Guid": [{"id": guid} for guid in one.guids]} if one.guids else {})
            | ({"Media": [{"id": 1, "Part": files}]} if files else {})
        )


def create(host: str, port: int, faults: FaultPlan, record: Record, settings: Mapping[str, Any]) -> PlexSimulator:
    """For `python -m simulators plex`."""
    return PlexSimulator(
        host=host, port=port, faults=faults, record=record, settings=Settings.model_validate(dict(settings))
    )
