"""The own settings of actors, `[actors."sync.invoice"]`: guards within their providers, a retry preset, self-drain, a schedule."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from broker.guards.actor_config import ActorGuards
from broker.guards.config import ImpossibleGuard
from middleware.retries.presets import DEFAULT, ActorPresets, Preset
from workers.composition.instance import Instance
from workers.settings.instances import guard_numbers
from workers.settings.instances.guard_numbers import ACTOR_GUARDS
from workers.settings.instances.retry_presets import CHOICE, chosen_preset
from workers.settings.instances.schedules import SCHEDULE, ActorSchedule, read_schedule
from workers.settings.problem import Problem
from workers.settings.reader.names import unknown_keys, unknown_name
from workers.settings.reader.source import PREFIX, Source

TABLE = "actors"
SELF_DRAIN = "self_drain"


@dataclass(frozen=True, slots=True)
class ActorFacts:
    """What the settings need to know of an actor.

    Attributes:
        name: the kind of its jobs, or its own.
        queues: where its jobs wait, at every instance that is configured; none where it has none.
        retry_preset: the one that it declares; None for what is not tried again by a preset.
        idempotent: whether its jobs may be replayed without a person; None for what has no kind of job.
        periodic: whether it runs at regular times.
        declared_presets: instance -> the preset that it declares there.
    """

    name: str
    queues: tuple[str, ...] = ()
    retry_preset: str | None = None
    idempotent: bool | None = None
    periodic: bool = False
    declared_presets: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class FoundActors:
    """Attributes:
    guards: own numbers, by queue.
    presets: by actor.
    schedules: of periodic actors that have one of their own, by actor.
    """

    guards: dict[str, ActorGuards] = field(default_factory=dict)
    presets: dict[str, ActorPresets] = field(default_factory=dict)
    schedules: dict[str, ActorSchedule] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def variables(actor: str) -> list[str]:
    """Every variable of an actor, without prefix."""
    return guard_numbers.variables(actor, ACTOR_GUARDS)


def read_actors(
    source: Source,
    actors: Sequence[ActorFacts],
    instances: Mapping[str, Instance],
    presets: Mapping[str, Preset],
    self_drained: Iterable[str] = (),
) -> FoundActors:
    """Everything that can be used.

    Args:
        source: without the variables that could mean several things.
        actors: all that are installed.
        instances: that can be used.
        presets: every named retry preset.
        self_drained: what the setting `self_drain.actors` names.
    """
    found, tables = FoundActors(), _tables(source, actors)
    found.problems += tables.problems
    shared = _shared(actors)
    for actor in actors:
        at, table = (TABLE, actor.name), tables.found.get(actor.name)
        found.problems += unknown_keys(
            source, at, table or {}, {(name,) for name in (*ACTOR_GUARDS, CHOICE, SELF_DRAIN, *SCHEDULE)}
        )
        _add_guards(source, actor, table, shared, found)
        if actor.retry_preset is not None:
            _add_presets(source, actor, table, instances, presets, found)
        elif CHOICE in (table or {}):
            found.problems.append(Problem(source.at(*at, CHOICE), "is for kinds of jobs; remove it."))
        found.problems += _self_drain(source, actor, table or {})
        _add_schedule(source, actor, found, table or {})
    found.problems += _self_drained(source, self_drained, {actor.name: actor for actor in actors})
    return found


@dataclass(slots=True)
class _Tables:
    found: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def _tables(source: Source, actors: Iterable[ActorFacts]) -> _Tables:
    tables, names = _Tables(), [actor.name for actor in actors]
    written = source.document.get(TABLE, {})
    if not isinstance(written, dict):
        tables.problems.append(
            Problem(source.at(TABLE), f'must be a table of tables, such as [{TABLE}."sync.invoice"].')
        )
        return tables
    for name, table in written.items():
        if name not in names:
            tables.problems.append(unknown_name(source.at(TABLE, name), name, names, "actor"))
        elif not isinstance(table, dict):
            tables.problems.append(Problem(source.at(TABLE, name), "must be a table of settings."))
        else:
            tables.found[name] = table
    return tables


def _shared(actors: Iterable[ActorFacts]) -> dict[str, list[str]]:
    """Queue -> the actors whose jobs wait there, where there are several."""
    counts = Counter(queue for actor in actors for queue in actor.queues)
    return {
        queue: sorted(actor.name for actor in actors if queue in actor.queues)
        for queue, count in counts.items()
        if count > 1
    }


def _add_guards(
    source: Source,
    actor: ActorFacts,
    table: Mapping[str, Any] | None,
    shared: Mapping[str, Sequence[str]],
    found: FoundActors,
) -> None:
    numbers = guard_numbers.read_numbers(source, (TABLE, actor.name), ACTOR_GUARDS, table)
    found.problems += numbers.problems
    if not numbers.values:
        return
    others = sorted({other for queue in actor.queues for other in shared.get(queue, ()) if other != actor.name})
    if others:
        why = f"shares its queue with {', '.join(others)}, and an actor's own numbers are kept by queue"
        advice = "give the numbers to their provider, or the actor a queue of its own"
        found.problems.append(Problem(numbers.label, f"{why}: {advice}."))
    try:
        own = ActorGuards(**numbers.values)
    except ImpossibleGuard as error:
        found.problems.append(Problem(numbers.label, f"cannot be used: {error}."))
        return
    found.guards |= dict.fromkeys(actor.queues, own)


def _add_presets(
    source: Source,
    actor: ActorFacts,
    table: Mapping[str, Any] | None,
    instances: Mapping[str, Instance],
    presets: Mapping[str, Preset],
    found: FoundActors,
) -> None:
    own, problems = chosen_preset(source, (TABLE, actor.name), (table or {}).get(CHOICE), presets)
    found.problems += problems
    wanted = {actor.retry_preset or DEFAULT, *actor.declared_presets.values()}
    if missing := sorted(wanted - presets.keys()):
        advice = f"wants the retry preset {missing[0]}; write [retry_presets.{missing[0]}] with attempts"
        found.problems.append(Problem(actor.name, f"{advice}, shortest and longest."))
        return
    declared = presets[actor.retry_preset or DEFAULT]
    differing = {name: presets[one] for name, one in actor.declared_presets.items() if presets[one] != declared}
    chosen = {name: one.retry_preset for name, one in instances.items() if one.retry_preset}
    found.presets[actor.name] = ActorPresets(own or declared, {} if own else differing | chosen)


def _add_schedule(source: Source, actor: ActorFacts, found: FoundActors, table: Mapping[str, Any]) -> None:
    own, problems = read_schedule(source, (TABLE, actor.name), table, is_periodic=actor.periodic)
    found.problems += problems
    if own is not None:
        found.schedules[actor.name] = own


def _self_drain(source: Source, actor: ActorFacts, table: Mapping[str, Any]) -> list[Problem]:
    label, wish = source.at(TABLE, actor.name, SELF_DRAIN), table.get(SELF_DRAIN, False)
    if not isinstance(wish, bool):
        return [Problem(label, f"is {wish!r}; write true or false.")]
    if wish and actor.idempotent is None:
        return [Problem(label, "is for kinds of jobs; remove it.")]
    if wish and not actor.idempotent:
        return [
            Problem(label, "is for jobs that are idempotent, and this one is not: replay its dead letters by hand.")
        ]
    return []


def _self_drained(source: Source, names: Iterable[str], actors: Mapping[str, ActorFacts]) -> Iterator[Problem]:
    variable = next((name for name in ("SELF_DRAIN", "SELF_DRAIN_ACTORS") if name in source.variables), None)
    label = PREFIX + variable if variable else source.at(SELF_DRAIN, TABLE)
    repeatable = sorted(name for name, actor in actors.items() if actor.idempotent)
    for name in names:
        if name not in actors or actors[name].idempotent is None:
            yield Problem(label, f"names {name}, which is not a kind of job; use {', '.join(repeatable)}.")
        elif not actors[name].idempotent:
            yield Problem(label, f"names {name}, which is not idempotent: replay its dead letters by hand.")
