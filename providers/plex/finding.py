"""Which items of a section a job means."""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence

from leeward.extension.errors import Permanent
from leeward.jobs.sync.collection import CollectionItem
from providers.plex.content import EPISODE, Item, Section
from providers.plex.paths import is_within
from providers.plex.server import Server

Found = Mapping[CollectionItem, str]
"""Each that was found, with its rating key."""


def find(server: Server, section: Section, wanted: Iterable[CollectionItem]) -> Found:
    """Those that the server knows.

    A title is searched for, as that is one call; what only the list of the section shows is looked for there, the newest first, and no
    further than needed.

    Raises:
        Permanent: several items have the title.
        ProviderError: see `providers.plex.answers`.
    """
    found: dict[CollectionItem, str] = {}
    for one in wanted:
        if one.id is not None:
            found[one] = one.id
        elif one.title is not None and (key := _searched(server, section, one)) is not None:
            found[one] = key
    missing = [one for one in wanted if one not in found]
    by_path = [one for one in missing if one.path is not None and section.kind == "show"]
    found |= _listed(server, section, section.type_number, [one for one in missing if one not in by_path])
    return found | _listed(server, section, EPISODE, by_path)


def _searched(server: Server, section: Section, wanted: CollectionItem) -> str | None:
    keys = {item.rating_key for item in server.search(section, wanted.title or "") if _is_it(section, item, wanted)}
    return None if not keys else _the_one(keys, wanted)


def _listed(
    server: Server, section: Section, type_number: int, wanted: Sequence[CollectionItem]
) -> dict[CollectionItem, str]:
    found: dict[CollectionItem, set[str]] = {}
    if wanted:
        for page in server.items(section, type_number):
            for one in wanted:
                keys = {_key_in_collection(item) for item in page if _matches(item, one)}
                if keys and one not in found:
                    found[one] = keys
            if len(found) == len(set(wanted)):
                break
    return {one: _the_one(keys, one) for one, keys in found.items()}


def _the_one(keys: set[str], wanted: CollectionItem) -> str:
    if len(keys) > 1:
        name = wanted.title or wanted.path or wanted.guid
        known = ", ".join(sorted(keys, key=int))
        message = f"{name!r} may be several items: give its year, or its id, one of {known}"
        raise Permanent(message, condition="CONFLICT")
    return next(iter(keys))


def _is_it(section: Section, item: Item, wanted: CollectionItem) -> bool:
    return item.kind == section.kind and _matches(item, wanted)


def _matches(item: Item, wanted: CollectionItem) -> bool:
    if wanted.path is not None:
        path = wanted.path
        return any(is_within(file, path) for file in item.files)
    if wanted.guid is not None:
        return wanted.guid.casefold() in {guid.casefold() for guid in item.guids}
    is_named = wanted.title is not None and same_title(item.title, wanted.title)
    return is_named and wanted.year in {None, item.year}


def _key_in_collection(item: Item) -> str:
    """A show's collection holds the show, whose files are those of its episodes."""
    return item.show_key or item.rating_key


def same_title(one: str, other: str) -> bool:
    """In any case, and however accents are composed."""
    return _plain(one) == _plain(other)


def _plain(title: str) -> str:
    return unicodedata.normalize("NFKC", title).strip().casefold()
