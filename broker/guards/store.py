"""Reading and steering the guards of one provider."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import redis

from broker.guards.config import GuardConfig, Mode
from leeward.keys import ProviderKeys
from leeward.script import Script
from leeward.status import instant

_declare = Script("broker.guards", "declare.lua")
_limit = Script("broker.guards", "limit.lua")
_steer = Script("broker.guards", "steer.lua")


@dataclass(frozen=True, slots=True)
class Transition:
    """One thing that changed: what, when, why, and who or what caused it."""

    at: datetime
    event: str
    cause: str
    by: str


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


class Guards:
    """The guards of one provider. Thread-safe; every call may raise redis.RedisError when Valkey is away."""

    def __init__(self, client: redis.Redis, provider: str) -> None:
        self._client = client
        self._keys = ProviderKeys(provider)

    def declare(self, config: GuardConfig) -> None:
        """Says how the provider is guarded, as workers do when they boot; what operators have set goes first."""
        arguments = [part for field in config.to_fields().items() for part in field]
        _declare(self._client, self._keys.root, ["", *arguments])

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
        """Gives the named numbers, or all, back to what workers have declared, at once. Audited.

        Raises:
            ValueError: a name that is none; nothing has changed.
        """
        defaults = GuardConfig()
        fields = defaults.changed(**{name: getattr(defaults, name, None) for name in names}).to_fields(*names)
        self._steer("reset", by, ", ".join(names) or "everything", *fields)

    def mode(self, mode: Mode, by: str, cause: str, *, until: datetime | None = None) -> None:
        """Says who decides from now on. `auto` also ends a hold, and lets an open circuit find out at once. Audited."""
        until_ms = "" if until is None else round(until.timestamp() * 1000)
        self._steer("mode", by, cause, mode.value, until_ms)

    def probed(self, *, healthy: bool, detail: str) -> None:
        """Tells the circuit what a health probe found: a healthy provider is tried at once; one that is unhealthy twice, and has failed
        its latest call, opens it.
        """
        verb = "healthy" if healthy else "unhealthy"
        self._steer(verb, "health probe", f"the health probe says: {detail}")

    def state(self) -> GuardState:
        """Everything at once. Not one atomic step: numbers may be some ms apart."""
        keys = self._keys
        circuit, config = self._hash(keys.circuit), self.config()
        pipeline = self._client.pipeline(transaction=False)
        pipeline.zcard(keys.leases)
        pipeline.zcard(keys.probes)
        pipeline.zrange(keys.sick, 0, -1, withscores=True)
        in_use, probes, sick = pipeline.execute()
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
            sick={_text(group): moment for group, until in sick if (moment := instant(until)) is not None},
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

    def _steer(self, verb: str, by: str, cause: str, *more: Any) -> None:
        _steer(self._client, self._keys.root, ["", verb, by, cause, *more])

    def _hash(self, key: str) -> dict[str, str]:
        return {_text(name): _text(value) for name, value in self._client.hgetall(key).items()}


def _text(value: bytes | str) -> str:
    return value.decode() if isinstance(value, bytes) else value


def _instant(ms: str | None) -> datetime | None:
    return instant(float(ms)) if ms else None
