"""One Plex server's collections, made to hold some items."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from leeward.extension import Patience
from leeward.extension.errors import Ambiguous, Permanent, TargetUnavailable, Transient
from leeward.jobs.sync.collection import CollectionItem
from leeward.redaction import excerpt
from providers.plex.answers import NoSuchThing
from providers.plex.content import Item, Section
from providers.plex.finding import find, same_title
from providers.plex.sections import named
from providers.plex.server import MOST_AT_ONCE, Server

_UNTIL_KNOWN = Patience(first=timedelta(seconds=30), longest=timedelta(minutes=15))
"""A server knows a file some time after it was put there: when it is scanned next."""
_SHOWN = 300


@dataclass(frozen=True, slots=True)
class Collected:
    """A collection that holds what it should.

    Attributes:
        created: it was made now.
        added: the keys of items that were not in it.
        duplicates: further collections of the same title, which are left alone.
    """

    collection_id: str
    title: str
    created: bool
    added: tuple[str, ...]
    duplicates: int = 0


class Collections:
    """Thread-safe, as the server is."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def ensure(self, section_name: str, title: str, wanted: Sequence[CollectionItem]) -> Collected:
        """Brings items into the collection of that title, which is made where there is none. Doing it twice is doing it once.

        Nothing at the server keeps titles unique: it is looked for before it is made, and after an answer that was lost; and where two
        workers made it at the same time, the older one stays.

        Raises:
            TargetUnavailable: the server does not know some of the items yet. The others are in it already.
            Permanent: no such section, several items of one title, or a smart collection of that title.
            ProviderError: any other class of failure; see `providers.plex.answers`.
        """
        section = named(self._server.sections(), section_name)
        found = find(self._server, section, wanted)
        missing = [one for one in wanted if one not in found]
        if not found:
            raise _unknown(missing)
        collected = self._hold(section, title, list(dict.fromkeys(found.values())))
        if missing:
            raise _unknown(missing)
        return collected

    def _hold(self, section: Section, title: str, keys: Sequence[str]) -> Collected:
        same = self._of_title(section, title)
        if not same:
            return self._made(section, title, keys)
        added = self._add(same[0], keys)
        return Collected(same[0].rating_key, same[0].title, created=False, added=added, duplicates=len(same) - 1)

    def _made(self, section: Section, title: str, keys: Sequence[str]) -> Collected:
        machine = self._server.identity().machine
        made = self._create(section, title, machine, keys[:MOST_AT_ONCE])
        same = self._of_title(section, title)
        if not same:
            raise Transient(f"there is no collection {title!r} yet, though it was asked for", unreachable=made is None)
        oldest = same[0]
        added = self._add(oldest, keys)
        ours = made is not None and made.rating_key == oldest.rating_key
        if made is not None and not ours and made.rating_key in {one.rating_key for one in same}:
            self._withdraw(made)
            same = [one for one in same if one.rating_key != made.rating_key]
        return Collected(
            oldest.rating_key,
            oldest.title,
            created=ours,
            added=tuple(keys) if ours else added,
            duplicates=len(same) - 1,
        )

    def _create(self, section: Section, title: str, machine: str, keys: Sequence[str]) -> Item | None:
        try:
            return self._server.create_collection(section, title, machine, keys)
        except Ambiguous:
            return None  # it is looked for

    def _of_title(self, section: Section, title: str) -> list[Item]:
        """Those of the title, the oldest first; of exactly that title, where there are such."""
        alike = [one for one in self._server.collections(section) if same_title(one.title, title)]
        exact = [one for one in alike if one.title == title] or alike
        plain = [one for one in exact if not one.is_smart]
        if exact and not plain:
            message = f"{title!r} is a smart collection, which a rule fills: choose another title, or delete it"
            raise Permanent(message, condition="CONFLICT")
        return sorted(plain, key=lambda one: int(one.rating_key))

    def _add(self, collection: Item, keys: Sequence[str]) -> tuple[str, ...]:
        try:
            within = {item.rating_key for item in self._server.collection_items(collection)}
            lacking = tuple(key for key in keys if key not in within)
            if lacking:
                self._server.add_to_collection(collection, self._server.identity().machine, lacking)
        except NoSuchThing as error:
            message = f"the collection {collection.title!r} was deleted in the meantime, or an item of it"
            raise Transient(message, status=error.status) from error
        return lacking

    def _withdraw(self, made: Item) -> None:
        with suppress(NoSuchThing):  # someone else was as tidy
            self._server.delete_collection(made)


def _unknown(missing: Sequence[CollectionItem]) -> TargetUnavailable:
    names = excerpt(", ".join(str(one.path or one.title or one.guid) for one in missing), _SHOWN)
    message = f"the server does not know yet: {names}; have it look at the folder (sync.library)"
    return TargetUnavailable(message, patience=_UNTIL_KNOWN)
