"""Names as variables have them, unknown ones, and variables that could mean two things."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from difflib import get_close_matches

from workers.settings.problem import Problem
from workers.settings.reader.source import PREFIX, Source


def capitals(name: str) -> str:
    """A name as variables have it."""
    return re.sub(r"[^A-Z0-9]", "_", name.upper())


class VariableMeanings:
    """Which variables there are, without prefix, and what each means."""

    def __init__(self, fleets_own: Iterable[str]) -> None:
        self._fleets_own = frozenset(fleets_own)
        self._meanings: defaultdict[str, list[str]] = defaultdict(list)

    def claim(self, variables: Iterable[str], meaning: str) -> list[str]:
        """Notes what these mean; returns those that are the fleet's own settings and therefore cannot mean it."""
        taken = []
        for variable in variables:
            if variable in self._fleets_own:
                taken.append(variable)
            elif meaning not in self._meanings[variable]:
                self._meanings[variable].append(meaning)
        return taken

    def ambiguous(self, given: Collection[str]) -> Iterator[tuple[str, Problem]]:
        """The variables among these that could mean several things: none of them is guessed."""
        for variable in sorted(self._meanings.keys() & set(given)):
            if len(self._meanings[variable]) > 1:
                meanings = " or ".join(self._meanings[variable])
                advice = f"could mean {meanings}; write the one that is meant into leeward.toml."
                yield variable, Problem(PREFIX + variable, advice)

    def unknown(self, given: Collection[str]) -> Iterator[Problem]:
        """A problem for each variable that means nothing, with the nearest that does."""
        known = self._fleets_own | self._meanings.keys()
        for variable in sorted(set(given) - known):
            close = get_close_matches(variable, known, n=1)
            hint = f"did you mean {PREFIX}{close[0]}?" if close else "remove it."
            yield Problem(PREFIX + variable, f"is not a setting; {hint}")


def unknown_keys(
    source: Source, at: tuple[str, ...], table: Mapping[str, object], known: Collection[tuple[str, ...]]
) -> Iterator[Problem]:
    """A problem for each key of a table, and of the tables in it, that is not a setting there, with the nearest that is.

    Args:
        source: for the name of the file.
        at: the table's place.
        table: what is in it.
        known: the names on the way to each setting, from the table on.
    """
    for key, value in table.items():
        inner = [path[1:] for path in known if path[0] == key]
        if not inner:
            yield unknown_name(source.at(*at, key), key, {path[0] for path in known}, "setting")
        elif all(inner) and not isinstance(value, Mapping):
            yield Problem(source.at(*at, key), f"must be a table, such as [{'.'.join((*at, key))}].")
        elif isinstance(value, Mapping) and all(inner):
            yield from unknown_keys(source, (*at, key), value, inner)


def unknown_name(label: str, name: str, known: Collection[str], what: str) -> Problem:
    """The sentence for a name that is not one of those known."""
    article = "an" if what[0] in "aeiou" else "a"
    close = get_close_matches(name, known, n=1)
    if close:
        return Problem(label, f"is not {article} {what}; did you mean {close[0]}?")
    rest = "remove it." if what == "setting" else f"there are {', '.join(sorted(known))}."
    return Problem(label, f"is not {article} {what}; {rest}")
