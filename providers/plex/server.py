"""A Plex server's calls, one method each. What they add up to is in `library` and `media_collections`."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from leeward.extension.errors import Ambiguous, Misconfigured, Permanent, Transient
from providers.plex import content
from providers.plex.answers import NoSuchThing
from providers.plex.content import Item, Section
from providers.plex.transport import Container, Transport

PAGE = 200
_MACHINE = re.compile(r"[0-9A-Za-z-]{1,128}")
MOST_AT_ONCE = 50
"""Keys of items; the whole request line stays below what servers and proxies take."""
_SEARCH_LIMIT = 50
_OK = range(200, 300)


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the server is. `machine` is a part of the URIs of its items."""

    machine: str
    version: str
    is_claimed: bool


class Server:
    """Thread-safe, as its transport is. Every method raises `leeward.extension.errors`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def identity(self) -> Identity:
        """Needs no token."""
        found = self._transport.call("identity", "/identity")
        machine = found.get("machineIdentifier")
        if not isinstance(machine, str) or not _MACHINE.fullmatch(machine):
            raise Misconfigured("Plex answered without a machineIdentifier; the URL leads to something else")
        claimed = found.get("claimed")
        return Identity(machine, str(found.get("version") or ""), claimed in {True, "1"})

    def sections(self) -> list[Section]:
        """All of the library."""
        return content.sections(self._transport.call("list_sections", "/library/sections"))

    def items(self, section: Section, type_number: int) -> Iterator[list[Item]]:
        """Pages of what a section holds, the newest first."""
        params = {"type": str(type_number), "sort": "addedAt:desc", "includeGuids": "1"}
        return self._pages("list_items", f"/library/sections/{section.key}/all", params)

    def count(self, section: Section, type_number: int) -> int:
        """How many items a section holds."""
        headers = {"X-Plex-Container-Start": "0", "X-Plex-Container-Size": "0"}
        path, params = f"/library/sections/{section.key}/all", {"type": str(type_number)}
        found = self._transport.call("list_items", path, params=params, headers=headers)
        return _total(found) or 0

    def search(self, section: Section, query: str) -> list[Item]:
        """What the server finds for some words, of the section."""
        params = {"query": query, "sectionId": section.key, "limit": str(_SEARCH_LIMIT)}
        found = content.hub_items(self._transport.call("search", "/hubs/search", params=params))
        return [item for item in found if item.section_key in {"", section.key}]

    def refresh(self, section: Section, path: str | None = None, *, force: bool = False) -> None:
        """Asks for a scan; answers before it begins. Only GET works: since 1.32.7 the server answers 404 to PUT and POST here."""
        params = ({} if path is None else {"path": path}) | ({"force": "1"} if force else {})
        self._transport.call("refresh_section", f"/library/sections/{section.key}/refresh", params=params)

    def cancel_refresh(self, section: Section) -> None:
        """Ends the section's scan."""
        self._transport.call("cancel_refresh", f"/library/sections/{section.key}/refresh", method="DELETE")

    def collections(self, section: Section) -> list[Item]:
        """All of a section."""
        pages = self._pages("list_collections", f"/library/sections/{section.key}/collections", {})
        return [one for page in pages for one in page]

    def collection_items(self, collection: Item) -> list[Item]:
        """What is in a collection. Raises also `NoSuchThing`."""
        try:
            return self._of_collection(collection, "items")
        except NoSuchThing:  # servers that know only the older path
            return self._of_collection(collection, "children")

    def create_collection(self, section: Section, title: str, machine: str, keys: Sequence[str]) -> Item | None:
        """Makes one, even where there is one of that title already, of `MOST_AT_ONCE` items at most.

        Returns:
            The collection; None where it was made, and the answer does not say which.

        Raises:
            Ambiguous: the answer was lost, or cannot be read.
        """
        params = {
            "type": str(section.type_number),
            "title": title,
            "smart": "0",
            "sectionId": section.key,
            "uri": _uri(machine, keys),
        }
        try:
            found = self._transport.call(
                "create_collection", "/library/collections", method="POST", params=params, repeatable=False
            )
        except (Misconfigured, Transient) as error:
            if error.status not in _OK:
                raise
            # It was carried out. Who takes such an answer for a failure makes another collection each time.
            raise Ambiguous(f"the answer to creating {title!r} cannot be read: {error}", status=error.status) from error
        return next(iter(content.items(found)), None)

    def add_to_collection(self, collection: Item, machine: str, keys: Sequence[str]) -> None:
        """Adds items; those that are in it stay once. Raises also `NoSuchThing`."""
        for begin in range(0, len(keys), MOST_AT_ONCE):
            params = {"uri": _uri(machine, keys[begin : begin + MOST_AT_ONCE])}
            path = f"/library/collections/{collection.rating_key}/items"
            self._transport.call("add_collection_items", path, method="PUT", params=params)

    def delete_collection(self, collection: Item) -> None:
        """Deletes a collection, never what is in it. Raises also `NoSuchThing`."""
        path = f"/library/collections/{collection.rating_key}"
        self._transport.call("delete_collection", path, method="DELETE")

    def _of_collection(self, collection: Item, name: str) -> list[Item]:
        path = f"/library/collections/{collection.rating_key}/{name}"
        return [item for page in self._pages("list_collection_items", path, {}) for item in page]

    def _pages(self, operation: str, path: str, params: dict[str, str]) -> Iterator[list[Item]]:
        def page(start: int) -> Container:
            # Both, or the server gives everything.
            headers = {"X-Plex-Container-Start": str(start), "X-Plex-Container-Size": str(PAGE)}
            return self._transport.call(operation, path, params=params, headers=headers)

        return pages(page, most=self._transport.settings.list_limit)


def pages(page: Callable[[int], Container], *, most: int) -> Iterator[list[Item]]:
    """All pages of a list. A server may give more or fewer items than it was asked for, and need not say how many there are.

    Args:
        page: gives the page that begins at a place.
        most: how many items are read.

    Raises:
        Permanent: there are more.
    """
    start, seen = 0, set[str]()
    while True:
        found = page(start)
        size = sum(1 for _ in content.objects(found, "Metadata"))
        new = [item for item in content.items(found) if item.rating_key not in seen]
        seen.update(item.rating_key for item in new)
        if new:
            yield new
        start += size
        total = _total(found)
        if not new or (total is not None and start >= total):
            return
        if start >= most:
            raise Permanent(f"the section has more than {most} items; raise list_limit")


def _total(found: Container) -> int | None:
    return content.number(found.get("totalSize"))


def _uri(machine: str, keys: Sequence[str]) -> str:
    return f"server://{machine}/com.plexapp.plugins.library/library/metadata/{','.join(keys)}"
