"""Guard numbers in the environment: `LEEWARD_GUARD_JELLYFIN_LIMIT=8`, `LEEWARD_GUARD_SYNC_USER_SLOW=30s`. They go before the file."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any

from broker.guards.actor_config import ACTOR_NAMES
from broker.guards.config import GuardConfig, ImpossibleGuard
from workers.settings.environment import PREFIX
from workers.settings.guards.actors import ACTORS
from workers.settings.guards.defaults import DEFAULTS
from workers.settings.guards.values import parse_text
from workers.settings.problem import Problem

PROVIDER_NAMES = tuple(field.name for field in fields(GuardConfig))


@dataclass(frozen=True, slots=True)
class Target:
    """One number of one provider or actor.

    Attributes:
        table: `providers` or `actors`, as in the file.
    """

    table: str
    owner: str
    setting: str

    def __str__(self) -> str:
        return f'{self.table}."{self.owner}".{self.setting}'


@dataclass(frozen=True, slots=True)
class Given:
    """One number that was given, and the variable that gave it, without prefix."""

    variable: str
    value: Any


def variables_of(providers: Iterable[str], actors: Iterable[str]) -> dict[str, list[Target]]:
    """Every variable, without prefix, with what it could mean: more than one thing where two names become the same in capitals."""
    targets = [Target("providers", owner, setting) for owner in providers for setting in PROVIDER_NAMES]
    targets += [Target("actors", owner, setting) for owner in actors for setting in ACTOR_NAMES]
    found: dict[str, list[Target]] = {}
    for target in targets:
        found.setdefault(_variable(target), []).append(target)
    return found


def _variable(target: Target) -> str:
    return f"GUARD_{_capitals(target.owner)}_{target.setting.upper()}"


def _capitals(name: str) -> str:
    return re.sub(r"[^A-Z0-9]", "_", name.upper())


GUARD_VARIABLES: Mapping[str, list[Target]] = variables_of(DEFAULTS, ACTORS)


def given_numbers(
    values: Mapping[str, str], known: Mapping[str, list[Target]] = GUARD_VARIABLES
) -> tuple[dict[Target, Given], list[Problem]]:
    """What these variables say, and what is wrong with them. Variables that are not known are the caller's to tell."""
    found, problems = {}, []
    for variable in sorted(values.keys() & known.keys()):
        if len(known[variable]) > 1:
            meanings = " or ".join(map(str, known[variable]))
            problems.append(
                Problem(PREFIX + variable, f"could mean {meanings}; write the one you mean into leeward.toml.")
            )
            continue
        (target,) = known[variable]
        try:
            found[target] = Given(variable, parse_text(target.setting, values[variable]))
        except ImpossibleGuard as error:
            problems.append(Problem(PREFIX + variable, f"cannot be used: {error}."))
    return found, problems
