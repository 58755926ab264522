"""The numbers of a provider's or an actor's guards, from its table and from `LEEWARD_GUARD_` variables, which override it."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any

from broker.guards.actor_config import ACTOR_NAMES
from broker.guards.config import GuardConfig, ImpossibleGuard
from workers.settings.guards.values import parse_text, parse_value
from workers.settings.problem import Problem
from workers.settings.reader.names import capitals
from workers.settings.reader.source import PREFIX, Source

PROVIDER_GUARDS = tuple(one.name for one in fields(GuardConfig) if one.name != "enabled")
"""`enabled` is a setting of the instance, like its criticality."""
ACTOR_GUARDS = ACTOR_NAMES


@dataclass(frozen=True, slots=True)
class Numbers:
    """What was given of one provider or actor.

    Attributes:
        label: how people find it, the variables among it included.
    """

    values: Mapping[str, Any]
    label: str
    problems: tuple[Problem, ...]


def variable(owner: str, guard: str) -> str:
    """Without prefix: `GUARD_SYNC_USER_LIMIT`."""
    return f"GUARD_{capitals(owner)}_{guard.upper()}"


def variables(owner: str, guards: Iterable[str]) -> list[str]:
    return [variable(owner, guard) for guard in guards]


def read_numbers(
    source: Source, at: tuple[str, str], guards: Collection[str], table: Mapping[str, Any] | None = None
) -> Numbers:
    """Every number that can be used.

    Args:
        source: of the variables and, without `table`, of the file.
        at: the table's place, as `("providers", "acme-eu")`.
        guards: the names that may be set.
        table: what is in the table.
    """
    values, given, problems = dict[str, Any](), list[str](), list[Problem]()
    for guard in guards:
        name = variable(at[1], guard)
        text = source.variables.get(name)
        try:
            if text is not None:
                given.append(PREFIX + name)
                values[guard] = parse_text(guard, text)
            elif table is not None and guard in table:
                values[guard] = parse_value(guard, table[guard])
        except ImpossibleGuard as error:
            label = PREFIX + name if text is not None else source.at(*at)
            problems.append(Problem(label, f"cannot be used: {error}."))
    label = source.at(*at) if table is not None else (given or [source.at(*at)])[0]
    if given and table is not None:
        label += f" (with {', '.join(given)})"
    return Numbers(values, label, tuple(problems))
