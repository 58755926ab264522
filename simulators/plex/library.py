"""What a simulated Plex server knows: the items of its sections, its scans, and its collections."""

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from simulators.plex.settings import Media, SectionSettings, Settings

TYPES = {"movie": 1, "show": 2, "episode": 4, "artist": 8}


@dataclass(slots=True)
class Item:
    rating_key: int
    section: str
    kind: str
    title: str
    year: int | None
    guids: list[str]
    files: list[str]
    show_key: int | None = None


@dataclass(slots=True)
class Collection:
    rating_key: int
    section: str
    title: str
    subtype: str
    smart: bool = False
    items: list[int] = field(default_factory=list)


@dataclass(slots=True)
class _Scan:
    begins: float
    ends: float
    path: str | None


class Library:
    """Thread-safe. A scan sees what lies in the folders when it begins.

    Args:
        settings: as they are now.
        clock: seconds.
    """

    def __init__(self, settings: Callable[[], Settings], clock: Callable[[], float]) -> None:
        self._settings = settings
        self._clock = clock
        self._lock = threading.RLock()
        self._last_key = 0
        self._items: dict[int, Item] = {}
        self._collections: dict[int, Collection] = {}
        self._scans: dict[str, list[_Scan]] = {}
        self._scanned_at: dict[str, int] = {}

    def refresh(self, section: str, path: str | None) -> None:
        with self._lock:
            settings, now = self._settings(), self._clock()
            begins = now + settings.scan_begins_after_seconds
            self._scans.setdefault(section, []).append(_Scan(begins, begins + settings.scan_seconds, path))
            self._advance()

    def cancel(self, section: str) -> None:
        with self._lock:
            self._scans.pop(section, None)

    def is_refreshing(self, section: str) -> bool:
        with self._lock:
            self._advance()
            return any(scan.begins <= self._clock() for scan in self._scans.get(section, []))

    def scanned_at(self, section: str) -> int:
        with self._lock:
            return self._scanned_at.get(section, 0)

    def items(self, section: str, type_number: int) -> list[Item]:
        """The newest first."""
        with self._lock:
            self._advance()
            found = [one for one in self._items.values() if one.section == section and TYPES[one.kind] == type_number]
            return sorted(found, key=lambda one: -one.rating_key)

    def item(self, key: int) -> Item | None:
        return self._items.get(key)

    def everything(self) -> list[Item]:
        with self._lock:
            self._advance()
            return [*self._items.values()]

    def collections(self, section: str | None = None) -> list[Collection]:
        with self._lock:
            return [one for one in self._collections.values() if section in {None, one.section}]

    def collection(self, key: int) -> Collection | None:
        return self._collections.get(key)

    def create(self, section: str, title: str, subtype: str, items: list[int], *, smart: bool = False) -> Collection:
        with self._lock:
            made = Collection(self._next(), section, title, subtype, smart, [*dict.fromkeys(items)])
            self._collections[made.rating_key] = made
            return made

    def add(self, collection: Collection, items: Iterable[int]) -> list[int]:
        """Returns those that were not in it."""
        with self._lock:
            new = [one for one in dict.fromkeys(items) if one not in collection.items]
            collection.items.extend(new)
            return new

    def delete(self, collection: Collection) -> None:
        with self._lock:
            self._collections.pop(collection.rating_key, None)

    def _advance(self) -> None:
        """What has happened since."""
        now = self._clock()
        for key, scans in [*self._scans.items()]:
            for scan in [one for one in scans if one.ends <= now]:
                scans.remove(scan)
                self._scan(key, scan.path)

    def _scan(self, key: str, path: str | None) -> None:
        settings = self._settings()
        section = next((one for one in settings.sections if one.key == key), None)
        self._scanned_at[key] = self._scanned_at.get(key, 1_600_000_000) + 1
        for media in settings.media if section is not None else ():
            if section is not None and media.section in {section.key, section.title} and _is_below(media.path, path):
                self._learn(section, media)

    def _learn(self, section: SectionSettings, media: Media) -> None:
        if any(media.path in one.files for one in self._items.values()):
            return
        item = self._item_of(section, media)
        if media.episode is None:
            item.files.append(media.path)
        else:
            key = self._next()
            self._items[key] = Item(key, section.key, "episode", media.episode, None, [], [media.path], item.rating_key)

    def _item_of(self, section: SectionSettings, media: Media) -> Item:
        for one in self._items.values():
            if (one.section, one.kind, one.title, one.year) == (section.key, section.type, media.title, media.year):
                return one
        key = self._next()
        self._items[key] = Item(key, section.key, section.type, media.title, media.year, [*media.guids], [])
        return self._items[key]

    def _next(self) -> int:
        self._last_key += 1
        return self._last_key


def _is_below(path: str, folder: str | None) -> bool:
    return folder is None or path == folder or path.startswith(folder.rstrip("/") + "/")
