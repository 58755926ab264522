"""Which section of a library a job means."""

from collections.abc import Sequence

from leeward.extension.errors import Permanent
from leeward.redaction import excerpt
from providers.plex.content import Section
from providers.plex.paths import is_within

_SHOWN = 300


def named(sections: Sequence[Section], name: str) -> Section:
    """The section of that key or, in any case, of that title.

    Raises:
        Permanent: there is none, or there are several.
    """
    found = [one for one in sections if one.key == name.strip()] or [
        one for one in sections if one.title.strip().casefold() == name.strip().casefold()
    ]
    if not found:
        known = excerpt(", ".join(f"{one.title} ({one.key})" for one in sections), _SHOWN) or "none"
        raise Permanent(f"there is no section {name!r}; there are: {known}", condition="NOT_FOUND")
    if len(found) > 1:
        keys = ", ".join(one.key for one in found)
        raise Permanent(
            f"several sections are called {name!r}: name it by its key, one of {keys}", condition="CONFLICT"
        )
    return found[0]


def check_path(section: Section, path: str) -> None:
    """A server answers 200 to a path that is not its own, and scans nothing.

    Raises:
        Permanent: the path is in none of the section's folders.
    """
    if not any(is_within(path, folder) for folder in section.locations):
        known = excerpt(", ".join(section.locations), _SHOWN) or "none"
        message = f"{path!r} is in no folder of {section.title!r} as the server sees them; those are: {known}"
        raise Permanent(message, condition="BAD_REQUEST")
