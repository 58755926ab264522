"""Dependencies of a fleet, for people: list, add, remove, look at, and what it would cost to be without one."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from difflib import get_close_matches

import redis

from broker.fleet.dependencies import added as store
from broker.fleet.dependencies.findings import findings, put
from broker.guards.store import Guards
from leeward.errors import Conflict, Invalid, NotFound
from leeward_admin.dependencies.criticality import rank
from leeward_admin.dependencies.risk import PROVIDER, DependencyRisk, Part, risk_of
from leeward_admin.dependencies.states import DependencyState, graph_of, read_states, state_of, with_edges
from leeward_admin.status.reading import read_status
from leeward_admin.status.status import FleetStatus, OpenLetters
from workers.dependencies.dependency import Dependency, dependency_of
from workers.dependencies.probes import added_dependencies, document_of, look_at
from workers.settings.dependencies.options import DependencyOptions
from workers.settings.dependencies.reading import problem_of_name, read_dependencies
from workers.settings.settings import Settings

__all__ = ["Dependencies", "DependencyExists", "DependencyOptions", "UnknownDependency"]


class UnknownDependency(NotFound):
    """Raised when there is no provider, dependency or server of a name."""

    code = "dependency_not_found"

    def __init__(self, name: str, known: Iterable[str]) -> None:
        close = get_close_matches(name, list(known), n=1)
        hint = f"did you mean {close[0]}?" if close else f"there are {', '.join(sorted(known)) or 'none'}"
        super().__init__(f"there is no dependency {name}; {hint}")


class DependencyExists(Conflict):
    """Raised when a name is taken, or is that of one of the configuration, which is not removed at run time."""

    code = "dependency_exists"


class Dependencies:
    """Those that live workers publish, those of this machine's configuration, and those that were added at run time. Thread-safe."""

    def __init__(self, client: redis.Redis, settings: Settings) -> None:
        self._client = client
        self._settings = settings

    def states(self, *, now: datetime | None = None) -> list[DependencyState]:
        """All of them, the most critical first."""
        found = self._states(now or datetime.now(UTC))
        return sorted(found.values(), key=lambda one: (rank(one.criticality), one.type == PROVIDER, one.name))

    def add(self, name: str, options: DependencyOptions, *, by: str) -> DependencyState:
        """Adds a dependency for the whole fleet, until `remove`. Its health is looked at from the next tick of the probes on.

        Args:
            name: lower-case letters, digits, `-` and `_`.
            options: as `[dependencies.NAME]` has them.
            by: who adds it.

        Raises:
            Invalid: it cannot be; the message says what to write.
            UnknownDependency: it names what there is not.
            DependencyExists: the name is taken.
        """
        if why := problem_of_name(name):
            raise Invalid(f"{name!r} {why}")
        known = self._states(datetime.now(UTC))
        if name in known:
            raise DependencyExists(f"there is {name} already; remove it first, or choose another name")
        for other in (*options.depends_on, *options.needed_by):
            if other not in known:
                raise UnknownDependency(other, known)
        one = self._checked(name, options, by)
        after = with_edges({**known, name: state_of(one)})
        if circle := graph_of(after).circle():
            raise Invalid(f"then they would depend on each other in a circle: {' -> '.join(circle)}")
        store.put(self._client, name, document_of(one))
        return after[name]

    def remove(self, name: str) -> None:
        """Removes a dependency that was added at run time.

        Raises:
            UnknownDependency: there is none.
            DependencyExists: it is one of the configuration, or a provider.
        """
        if store.remove(self._client, name):
            return
        known = self._states(datetime.now(UTC))
        if name not in known:
            raise UnknownDependency(name, store.added(self._client))
        raise DependencyExists(f"{name} was not added at run time; remove it from leeward.toml")

    def look(self) -> list[DependencyState]:
        """Looks at the health of all dependencies that have an address here, now, from this process; then `states`."""
        known = {**read_dependencies(self._settings.source).dependencies, **added_dependencies(self._client)}
        put(self._client, look_at(known, findings(self._client)), forget=frozenset())
        return self.states()

    def risks(self, *, now: datetime | None = None) -> list[DependencyRisk]:
        """What it would cost to be without each of them, the highest risk first."""
        states, parts = self._parts(now or datetime.now(UTC))
        graph = graph_of(states)
        found = [risk_of(name, parts, graph) for name in parts]
        return sorted(found, key=lambda one: (-one.risk, -one.impact, one.name))

    def without(self, name: str, *, now: datetime | None = None) -> DependencyRisk:
        """What stops while one of them cannot be reached.

        Raises:
            UnknownDependency: there is none.
        """
        states, parts = self._parts(now or datetime.now(UTC))
        if name not in parts:
            raise UnknownDependency(name, parts)
        graph = graph_of(states)
        for affected in {name, *graph.affected_by(name)}:
            parts[affected] = self._with_room(parts[affected])
        return risk_of(name, parts, graph, away=True)

    def _checked(self, name: str, options: DependencyOptions, by: str) -> Dependency:
        try:
            one = dependency_of(name, {**options.model_dump(), "by": by})
        except ValueError as error:
            raise Invalid(str(error)) from None
        if one.health_url is not None:
            _refuse_literal(one)
        return one

    def _with_room(self, part: Part) -> Part:
        if not part.is_provider:
            return part
        most = Guards(self._client, part.name).config().max_waiting
        return replace(part, room=most - part.waiting) if most else part

    def _parts(self, now: datetime) -> tuple[dict[str, DependencyState], dict[str, Part]]:
        status = self._status()
        states, loads = read_states(self._client, self._settings, status.providers, now), _loads(status)
        parts = {
            name: Part(
                name=name,
                type=one.type,
                criticality=one.criticality,
                state=one.state,
                waiting=loads[name][0] if name in loads else 0,
                arrivals=loads[name][1] if name in loads else 0.0,
            )
            for name, one in states.items()
        }
        return states, parts

    def _states(self, now: datetime) -> dict[str, DependencyState]:
        return read_states(self._client, self._settings, self._status().providers, now)

    def _status(self) -> FleetStatus:
        return read_status(self._client, lambda: OpenLetters(letters=0, groups=0, last_seen=None))


def _loads(status: FleetStatus) -> dict[str, tuple[int, float]]:
    """Provider -> jobs that wait, and that become ready in a minute."""
    found = {one.provider: (one.waiting + one.scheduled, 0.0) for one in status.providers}
    for queue in status.queues:
        waiting, arrivals = found[queue.provider]
        found[queue.provider] = (waiting, arrivals + max(0.0, queue.arrivals_per_minute or 0.0))
    return found


def _refuse_literal(one: Dependency) -> None:
    """An address that is refused at every connection is refused now; a name may lead somewhere else later."""
    from providers.http_client.address_guard import AddressGuard, AddressRefused
    from providers.http_client.location import location

    try:
        AddressGuard(allow_private=one.allow_private).check_literal(location(one.health_url or "").host)
    except AddressRefused as refused:
        raise Invalid(f"{refused}: health checks do not go there; allow_private allows it") from None
