"""Reading and steering the guards of one provider."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any

import redis

from broker.guards.actor_config import ActorGuards, actor_fields, known_actor_names, queues_with_numbers
from broker.guards.config import GuardConfig, Mode
from leeward.status import instant
from leeward.wire.keys import ProviderKeys
from leeward.wire.script import Script

_declare = Script("broker.guards.scripts", "declare.lua")
_limit = Script("broker.guards.scripts", "limit.lua")
_steer = Script("broker.guards.scripts", "steer.lua")


@dataclass(frozen=True, slots=True)
class Transition:
    """One thing that changed: what, when, why, and who or what caused it."""

    at: datetime
    event: str
    cause: str
    by: str


@dataclass(frozen=True, slots=True)
class ActorState:
    """One actor's own numbers at one moment.

    Attributes:
        guards: the numbers in force.
        in_use: its jobs that run now.
        token_at: when its next job may start, as far as its own rate is concerned; None for at once.
        actor: its name, where that is known.
    """

    guards: ActorGuards
    in_use: int
    token_at: datetime | None
    actor: str = ""


@dataclass(frozen=True, slots=True)
class GuardState:
    """A provider's guards at one moment.

    Attributes:
        mode: who decides.
        state: `closed`, `open` or `half_open`.
        until: when an open circuit lets probes through.
        cause, since: of the latest transition.
        held_until, held_because: a hold that the provider asked for, while it lasts.
        limit: jobs that may run at once now, 0 for no limit: as configured; while a circuit has just closed, or where it is adaptive, less.
        limit_because: why it is that; empty where it is as configured.
        in_use: permits in use: jobs that run now.
        probes: jobs that probe a half-open circuit now.
        sick: workers that are held back alone, and until when.
        awaiting_look: jobs whose last attempt waits for a health probe.
        denied: jobs that the provider refused because of credentials or settings, since a success; `denied_because`: the latest cause.
        probed: jobs that have failed as probes, while the circuit is not closed.
        actors: the actors with numbers of their own, by the queue where their jobs wait.
    """

    provider: str
    config: GuardConfig
    overrides: Mapping[str, str]
    mode: Mode
    state: str
    until: datetime | None
    mode_until: datetime | None
    cause: str
    since: datetime | None
    held_until: datetime | None
    held_because: str
    limit: int
    limit_because: str
    in_use: int
    probes: int
    sick: Mapping[str, datetime]
    actors: Mapping[str, ActorState]
    awaiting_look: frozenset[str] = frozenset()
    denied: frozenset[str] = frozenset()
    denied_because: str = ""
    probed: frozenset[str] = frozenset()

    @property
    def disabled_because(self) -> str:
        """Who switched the provider off; empty while it is on."""
        if self.config.enabled:
            return ""
        return "by an operator" if "enabled" in self.overrides else "in the configuration of the workers"


class Guards:
    """The guards of one provider. Thread-safe; every call may raise redis.RedisError when Valkey cannot be reached."""

    def __init__(self, client: redis.Redis, provider: str) -> None:
        self._client = client
        self._keys = ProviderKeys(provider)

    def declare(self, config: GuardConfig, actors: Mapping[str, ActorGuards] = MappingProxyType({})) -> None:
        """Says how the provider is guarded, as workers do when they boot; what operators have set goes first.

        Args:
            config: its numbers.
            actors: the own numbers of the actors of every queue that the worker serves; those of other queues stay as they are.
        """
        fields: dict[str, Any] = dict(config.to_fields())
        for queue, own in actors.items():
            fields |= own.to_fields(queue)
        arguments = [part for field in fields.items() for part in field]
        _declare(self._client, self._keys.root, ["", " ".join(actors), *arguments])

    def config(self) -> GuardConfig:
        """What is in force now; the defaults when no worker has declared anything."""
        return GuardConfig.from_fields(self._hash(self._keys.guards))

    def set(self, by: str, **values: Any) -> GuardConfig:
        """Changes numbers for the whole fleet, at once and until `reset`. Audited.

        Raises:
            ValueError: an impossible value or a name that is none; nothing has changed.
        """
        config = self.config().changed(**values)
        changed = config.to_fields(*values)
        text = ", ".join(f"{name}={value}" for name, value in values.items())
        self._steer("set", by, text, *(part for field in changed.items() for part in field))
        return config

    def reset(self, by: str, *names: str) -> None:
        """Gives the named numbers, or all and those of its actors, too, back to what workers have declared, at once. Audited.

        Raises:
            ValueError: a name that is none; nothing has changed.
        """
        defaults = GuardConfig()
        fields = list(defaults.changed(**{name: getattr(defaults, name, None) for name in names}).to_fields(*names))
        if not names:
            for queue in queues_with_numbers(self._hash(self._keys.overrides)):
                fields += actor_fields(queue)
        self._steer("reset", by, ", ".join(names) or "everything", *fields)

    def set_actor(self, by: str, actor: str, queue: str, **values: Any) -> ActorGuards:
        """Changes an actor's own numbers, as `set` does the provider's. Audited.

        Raises:
            ValueError: an impossible value or a name that is none; nothing has changed.
        """
        own = ActorGuards.from_fields(self._hash(self._keys.guards), queue).changed(**values)
        text = ", ".join(f"{name}={value}" for name, value in values.items())
        changed = own.to_fields(queue, *values)
        self._steer("set", by, f"{actor}: {text}", *(part for field in changed.items() for part in field))
        return own

    def reset_actor(self, by: str, actor: str, queue: str, *names: str) -> None:
        """Gives an actor's named numbers, or all, back to what workers have declared, at once. Audited.

        Raises:
            ValueError: a name that is none; nothing has changed.
        """
        known_actor_names(names)
        self._steer("reset", by, f"{actor}: {', '.join(names) or 'everything'}", *actor_fields(queue, *names))

    def mode(self, mode: Mode, by: str, cause: str, *, until: datetime | timedelta | None = None) -> None:
        """Says who decides from now on, until an instant or for a duration by the server's clock. `auto` also ends a hold, and lets an open
        circuit find out at once. Audited.
        """
        self._steer("mode", by, cause, mode.value, _until(until))

    def probed(self, *, healthy: bool, detail: str, worker: str = "") -> None:
        """Reports the result of a health probe to the circuit: a healthy provider is tried at once; the circuit opens for an unhealthy one
        whose latest call failed, or that refused a job. `worker` is the process that probed: its host may be the cause.
        """
        verb = "healthy" if healthy else "unhealthy"
        self._steer(verb, "health probe", f"the health probe says: {detail}", *([] if healthy else [worker]))

    def state(self) -> GuardState:
        """Everything at once. Not one atomic step: numbers may be some ms apart."""
        keys = self._keys
        circuit, numbers = self._hash(keys.circuit), self._hash(keys.guards)
        config = GuardConfig.from_fields(numbers)
        pipeline = self._client.pipeline(transaction=False)
        pipeline.zcard(keys.leases)
        pipeline.zcard(keys.probes)
        pipeline.zrange(keys.sick, 0, -1, withscores=True)
        for key in ("last_attempts", "denials", "probed"):
            pipeline.zrange(keys.root + key, 0, -1)
        in_use, probes, sick, *jobs = pipeline.execute()
        awaiting_look, denied, probed = (frozenset(map(_text, found)) for found in jobs)
        limit, limit_because = _limit(self._client, keys.root, [""])
        return GuardState(
            provider=keys.provider,
            config=config,
            overrides=self._hash(keys.overrides),
            mode=Mode(circuit.get("mode", Mode.OBSERVE if config.observe else Mode.AUTO)),
            state=circuit.get("state", "closed"),
            until=_instant(circuit.get("until")),
            mode_until=_instant(circuit.get("mode_until")),
            cause=circuit.get("cause", ""),
            since=_instant(circuit.get("since")),
            held_until=_instant(circuit.get("hold_until")),
            held_because=circuit.get("hold_cause", ""),
            limit=limit,
            limit_because=_text(limit_because),
            in_use=in_use,
            probes=probes,
            awaiting_look=awaiting_look,
            denied=denied,
            denied_because=circuit.get("denied_cause", ""),
            probed=probed if circuit.get("state", "closed") != "closed" else frozenset(),
            sick={_text(group): moment for group, until in sick if (moment := instant(until)) is not None},
            actors=self._actors(numbers),
        )

    def counts(self) -> dict[str, int]:
        """How often what happened since Valkey knows the provider: transitions by name, failed and slow calls, probes, attempts that an
        outage did not cost, idempotency keys that answered (`duplicate`) or were refused (`conflict`).
        """
        return {name: int(value) for name, value in self._hash(self._keys.counts).items()}

    def waiting(self, queue: str) -> tuple[int, int]:
        """Workers that wait for a job of a queue, and those that a guard keeps from it."""
        pipeline = self._client.pipeline(transaction=False)
        pipeline.zcard(f"{self._keys.root}waiting:{queue}")
        pipeline.zcard(f"{self._keys.root}turned:{queue}")
        waiting, turned = pipeline.execute()
        return waiting, turned

    def transitions(self, limit: int = 50) -> list[Transition]:
        """The latest changes, newest first."""
        found = []
        for _, raw in self._client.xrevrange(self._keys.events, count=limit) or ():
            fields = {_text(name): _text(value) for name, value in (raw or {}).items()}
            at = instant(float(fields["at"]))
            assert at is not None
            found.append(Transition(at, fields["event"], fields["cause"], fields["by"]))
        return found

    def _actors(self, numbers: Mapping[str, str]) -> dict[str, ActorState]:
        queues = sorted(queues_with_numbers(numbers))
        if not queues:
            return {}
        running = [_text(job_id) for job_id in self._client.zrange(self._keys.leases, 0, -1)]  # type: ignore[arg-type] # no scores
        places = self._client.hmget(self._keys.places, running) if running else []
        in_use = Counter(_text(place).partition(":")[0] for place in places if place is not None)
        found = {}
        for queue in queues:
            own = ActorGuards.from_fields(numbers, queue)
            found[queue] = ActorState(own, in_use[queue], self._token_at(queue, own))
        return found

    def _token_at(self, queue: str, own: ActorGuards) -> datetime | None:
        held, since_ms = self._client.hmget(f"{self._keys.root}bucket:{queue}", "tokens", "at")
        if not own.rate or held is None or since_ms is None:
            return None
        at = datetime.fromtimestamp(float(since_ms) / 1000, UTC) + timedelta(seconds=(1 - float(held)) / own.rate)
        seconds, microseconds = self._client.time()
        return at if at > datetime.fromtimestamp(seconds + microseconds / 1_000_000, UTC) else None

    def _steer(self, verb: str, by: str, cause: str, *more: Any) -> None:
        _steer(self._client, self._keys.root, ["", verb, by, cause, *more])

    def _hash(self, key: str) -> dict[str, str]:
        return {_text(name): _text(value) for name, value in self._client.hgetall(key).items()}


def _text(value: bytes | str) -> str:
    return value.decode() if isinstance(value, bytes) else value


def _until(until: datetime | timedelta | None) -> str:
    match until:
        case None:
            return ""
        case timedelta():
            return f"+{until // timedelta(milliseconds=1)}"
    return str(round(until.timestamp() * 1000))


def _instant(ms: str | None) -> datetime | None:
    return instant(float(ms)) if ms else None
