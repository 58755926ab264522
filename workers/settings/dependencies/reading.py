"""The tables `[dependencies.NAME]`, and what variables say of them."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from leeward.jobs.queue_name import is_queue_part
from workers.dependencies.dependency import BUILT_IN, Dependency, dependency_of
from workers.dependencies.graph import Graph, Node
from workers.settings.dependencies.options import DependencyOptions
from workers.settings.problem import Problem
from workers.settings.reader.model_reader import Place, read_model
from workers.settings.reader.names import capitals, unknown_keys
from workers.settings.reader.source import Source

TABLE = "dependencies"


@dataclass(frozen=True, slots=True)
class WrittenDependencies:
    """Those that can be used, by name, and what is wrong with the others."""

    dependencies: Mapping[str, Dependency]
    problems: tuple[Problem, ...]


def dependency_place(name: str) -> Place[DependencyOptions]:
    """Where a dependency is written."""
    return Place(DependencyOptions, (TABLE, name), lambda path: f"DEPENDENCY_{capitals(name)}_{path[-1].upper()}")


def dependency_names(source: Source) -> list[str]:
    """Those in the file."""
    return [*source.table(TABLE)]


def read_dependencies(source: Source) -> WrittenDependencies:
    """Every table by itself: who knows the providers also calls `problems_of_graph`."""
    found, problems = dict[str, Dependency](), list[Problem]()
    if not isinstance(source.document.get(TABLE, {}), dict):
        problems.append(Problem(source.at(TABLE), f"must be a table of tables, such as [{TABLE}.sso]."))
    for name, table in source.table(TABLE).items():
        at = source.at(TABLE, name)
        if not isinstance(table, dict):
            problems.append(Problem(at, "must be a table, such as needed_by = [...]."))
        elif why := problem_of_name(name):
            problems.append(Problem(at, f"{why}."))
        elif (one := _read(source, name, table, problems)) is not None:
            found[name] = one
    return WrittenDependencies(found, tuple(problems))


def _read(source: Source, name: str, table: Mapping[str, Any], problems: list[Problem]) -> Dependency | None:
    place = dependency_place(name)
    unknown = list(unknown_keys(source, place.at, table, place.names()))
    given = read_model(place, source)
    options = given.validated()
    problems += [*unknown, *given.problems]
    if options is None or unknown:
        return None
    try:
        return dependency_of(name, options.model_dump())
    except ValueError as error:
        problems.append(Problem(source.at(*place.at), f"cannot be used: {error}."))
        return None


def problem_of_name(name: str) -> str:
    """Why a dependency cannot have a name; empty where it can."""
    if name in BUILT_IN:
        return "has the name of a server of the fleet, which is known without being declared"
    if not is_queue_part(name):
        return "cannot be the name of a dependency; use lower-case letters, digits, '_' and '-', 63 characters at most"
    return ""


def problems_of_graph(
    source: Source, dependencies: Mapping[str, Dependency], providers: Mapping[str, Collection[str]]
) -> Iterator[Problem]:
    """Names that nothing has, names that two things have, and circles.

    Args:
        source: for the places.
        dependencies: by name.
        providers: instance -> what it depends on.
    """
    known = {*BUILT_IN, *dependencies, *providers}
    for name in sorted(dependencies.keys() & providers.keys()):
        yield Problem(source.at(TABLE, name), "has the name of a provider; choose another.")
    named = [(("providers", name, "depends_on"), needed) for name, needed in providers.items()]
    for name, one in dependencies.items():
        named += [((TABLE, name, "depends_on"), one.depends_on), ((TABLE, name, "needed_by"), one.needed_by)]
    for place, names in named:
        for unknown in sorted(set(names) - known):
            close = get_close_matches(unknown, known, n=1)
            hint = f"did you mean {close[0]}?" if close else f"there are {', '.join(sorted(known))}."
            yield Problem(source.at(*place), f"names {unknown}, which is no provider and no dependency; {hint}")
    if circle := Graph(nodes_of(dependencies, providers)).circle():
        yield Problem(
            source.at(TABLE), f"depend on each other in a circle: {' -> '.join(circle)}; remove one of these."
        )


def nodes_of(dependencies: Mapping[str, Dependency], providers: Mapping[str, Collection[str]]) -> Iterator[Node]:
    """As a graph has them, for the names alone."""
    needed = {name: {*names} for name, names in providers.items()}
    for name, one in dependencies.items():
        needed.setdefault(name, set()).update(one.depends_on)
        for dependent in one.needed_by:
            needed.setdefault(dependent, set()).add(name)
    return (Node(name=name, depends_on=frozenset(names)) for name, names in needed.items())
