"""Rule: what stops without something."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A provider or a dependency, and the names of what it needs."""

    name: str
    depends_on: frozenset[str] = frozenset()


class Graph:
    """Who needs whom. Names that are needed and not nodes are nodes that need nothing."""

    def __init__(self, nodes: Iterable[Node]) -> None:
        self._needs = {one.name: one.depends_on for one in nodes}
        self._needed_by: dict[str, set[str]] = {}
        for name, needs in self._needs.items():
            for needed in needs:
                self._needed_by.setdefault(needed, set()).add(name)

    def affected_by(self, name: str) -> dict[str, tuple[str, ...]]:
        """What does not work without a node -> the shortest way there, from that node on. The node itself is not in it."""
        found: dict[str, tuple[str, ...]] = {name: (name,)}
        waiting = deque([name])
        while waiting:
            current = waiting.popleft()
            for dependent in sorted(self._needed_by.get(current, ())):
                if dependent not in found:
                    found[dependent] = (*found[current], dependent)
                    waiting.append(dependent)
        del found[name]
        return found

    def circle(self) -> tuple[str, ...]:
        """The first circle that there is, with its beginning repeated at the end; empty for none."""
        done = set[str]()
        for start in sorted(self._needs):
            if circle := self._circle_from(start, [], done):
                return circle
        return ()

    def _circle_from(self, name: str, way: list[str], done: set[str]) -> tuple[str, ...]:
        if name in way:
            return (*way[way.index(name) :], name)
        if name in done:
            return ()
        for needed in sorted(self._needs.get(name, ())):
            if circle := self._circle_from(needed, [*way, name], done):
                return circle
        done.add(name)
        return ()
