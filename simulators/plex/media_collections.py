"""A simulated Plex server's calls about collections. Nothing keeps their titles unique."""

import re
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from simulators.http_server import Answer, Request
from simulators.plex.answers import failed, listed, page
from simulators.plex.library import TYPES, Collection, Library
from simulators.plex.settings import Settings
from simulators.record import Record

_ONE = re.compile(r"/library/collections/(\d+)(?:/(items|children))?")
_URI = re.compile(r"server://([^/]+)/com\.plexapp\.plugins\.library/library/metadata/(\d+(?:,\d+)*)")


class CollectionCalls:
    def __init__(self, library: Library, record: Record, settings: Callable[[], Settings]) -> None:
        self._library = library
        self._record = record
        self._settings = settings

    def respond(self, request: Request) -> Answer | None:
        """None for a path that is no collection's."""
        if request.path == "/library/collections" and request.method == "POST":
            return self._create(request)
        found = _ONE.fullmatch(request.path)
        if found is None:
            return None
        collection = self._library.collection(int(found[1]))
        if collection is None or (found[2] == "items" and request.method == "GET" and self._settings().older_paths):
            return failed(HTTPStatus.NOT_FOUND)
        return self._of_one(request, collection, found[2])

    def listed(self, request: Request, section: str) -> Answer:
        found = [_metadata(one) for one in self._library.collections(section)]
        return page(request, found, self._settings())

    def _of_one(self, request: Request, collection: Collection, part: str | None) -> Answer:
        match request.method, part:
            case "GET", "items" | "children":
                titles = [(key, self._library.item(key)) for key in collection.items]
                return page(
                    request,
                    [{"ratingKey": str(key), "title": item.title, "type": item.kind} for key, item in titles if item],
                    self._settings(),
                )
            case "PUT", "items":
                return self._add(request, collection)
            case "DELETE", None:
                self._library.delete(collection)
                self._record.add("collection_deleted", key=collection.rating_key)
                return Answer(HTTPStatus.OK, b"", "text/html")
        return failed(HTTPStatus.NOT_FOUND)

    def _create(self, request: Request) -> Answer:
        query = request.query
        section = next((one for one in self._settings().sections if one.key == query.get("sectionId")), None)
        keys = self._keys(query.get("uri", ""), int(query.get("type") or 0))
        if section is None or not query.get("title") or keys is None:
            return failed(HTTPStatus.BAD_REQUEST)
        made = self._library.create(section.key, query["title"], section.type, keys, smart=query.get("smart") == "1")
        self._record.add("collection_created", key=made.rating_key, title=made.title, items=[*made.items])
        return listed(request, "Metadata", [_metadata(made)] if self._settings().answers_create else [])

    def _add(self, request: Request, collection: Collection) -> Answer:
        keys = self._keys(request.query.get("uri", ""), TYPES[collection.subtype])
        if keys is None or collection.smart:
            return failed(HTTPStatus.BAD_REQUEST)
        new = self._library.add(collection, keys)
        self._record.add("collection_extended", key=collection.rating_key, items=new)
        return listed(request, "Metadata", [_metadata(collection)])

    def _keys(self, uri: str, type_number: int) -> list[int] | None:
        """None for items that are not of this server, not there, or of another type than the collection."""
        found = _URI.fullmatch(uri)
        if found is None or found[1] != self._settings().machine:
            return None
        keys = [int(key) for key in found[2].split(",")]
        items = [self._library.item(key) for key in keys]
        is_right = all(item is not None and TYPES[item.kind] == type_number for item in items)
        return keys if is_right else None


def _metadata(one: Collection) -> dict[str, Any]:
    return {
        "ratingKey": str(one.rating_key),
        "key": f"/library/collections/{one.rating_key}/children",
        "guid": f"collection://{one.rating_key:08x}",
        "type": "collection",
        "title": one.title,
        "subtype": one.subtype,
        "smart": one.smart,
        "childCount": len(one.items),
    }
