"""What we read of a Plex server's answers. Lists are absent when they are empty; numbers and flags come as JSON's own or as text."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

_TYPES = {
    "movie": 1,
    "show": 2,
    "season": 3,
    "episode": 4,
    "artist": 8,
    "album": 9,
    "track": 10,
    "photo": 13,
    "clip": 12,
}
"""Plex's numbers of types, as parameters have them."""
EPISODE = 4


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the library, as `Movies`.

    Attributes:
        key: the server's, a number as a text.
        kind: `movie`, `show`, `artist` or `photo`.
        scanned_at: as the server says it; another value after a scan.
        locations: its folders, as the server sees them.
    """

    key: str
    title: str
    kind: str
    is_refreshing: bool
    scanned_at: int
    locations: tuple[str, ...]

    @property
    def type_number(self) -> int:
        """Of what it holds."""
        return _TYPES.get(self.kind, 1)


@dataclass(frozen=True, slots=True)
class Item:
    """A film, show, season, episode and so on, or a collection.

    Attributes:
        rating_key: the server's, a number as a text.
        show_key: of an episode: its show.
        guids: the server's own and those of databases.
        files: as the server sees them.
        is_smart: of a collection: filled by a rule.
    """

    rating_key: str
    title: str
    kind: str
    year: int | None = None
    section_key: str = ""
    show_key: str = ""
    guids: frozenset[str] = field(default_factory=frozenset)
    files: tuple[str, ...] = ()
    is_smart: bool = False


def sections(container: Mapping[str, Any]) -> list[Section]:
    """Those that can be read."""
    found = (_section(one) for one in objects(container, "Directory"))
    return [one for one in found if one is not None]


def items(container: Mapping[str, Any]) -> list[Item]:
    """Those that can be read."""
    found = (_item(one) for one in objects(container, "Metadata"))
    return [one for one in found if one is not None]


def hub_items(container: Mapping[str, Any]) -> list[Item]:
    """What a search found, in all hubs."""
    return [item for hub in objects(container, "Hub") for item in items(hub)]


def objects(container: Mapping[str, Any], name: str) -> Iterator[dict[str, Any]]:
    """The objects of a list that may be absent."""
    found = container.get(name)
    return (one for one in (found if isinstance(found, list) else ()) if isinstance(one, dict))


def number(value: Any) -> int | None:
    """A count, a year or a time: JSON's own or a text."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    try:
        return int(value)
    except ValueError:
        return None


def _section(one: Mapping[str, Any]) -> Section | None:
    key, title = _key(one.get("key")), one.get("title")
    if not key or not isinstance(title, str):
        return None
    return Section(
        key=key,
        title=title,
        kind=str(one.get("type") or ""),
        is_refreshing=_flag(one.get("refreshing")),
        scanned_at=number(one.get("scannedAt")) or 0,
        locations=tuple(_texts(objects(one, "Location"), "path")),
    )


def _item(one: Mapping[str, Any]) -> Item | None:
    rating_key, title = _key(one.get("ratingKey")), one.get("title")
    if not rating_key or not isinstance(title, str):
        return None
    parts = (part for media in objects(one, "Media") for part in objects(media, "Part"))
    return Item(
        rating_key=rating_key,
        title=title,
        kind=str(one.get("type") or ""),
        year=number(one.get("year")),
        section_key=_key(one.get("librarySectionID")),
        show_key=_key(one.get("grandparentRatingKey")),
        guids=frozenset([*_texts([one], "guid"), *_texts(objects(one, "Guid"), "id")]),
        files=(*_texts(parts, "file"), *_texts(objects(one, "Location"), "path")),
        is_smart=_flag(one.get("smart")),
    )


def _key(value: Any) -> str:
    """It becomes a part of paths and lists: digits alone. Empty for anything else."""
    text = str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""
    return text if text.isascii() and text.isdecimal() else ""


def _flag(value: Any) -> bool:
    return value is True or str(value).strip().lower() in {"1", "true"}


def _texts(found: Iterable[Mapping[str, Any]], name: str) -> list[str]:
    return [text for one in found if isinstance(text := one.get(name), str) and text]
