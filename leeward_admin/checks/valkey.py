"""Whether Valkey is there and fit for the fleet."""

from contextlib import suppress
from typing import Any

import redis

from broker.fleet.queues import known_providers
from broker.guards.store import Guards, GuardState
from leeward.actions import EnableProvider, ListQueues
from leeward.jobs.queue_name import is_queue_part
from leeward.wire.valkey.connection import connect
from leeward_admin.checks.check import EMBEDDED, Check, Verdict
from leeward_admin.checks.durability import durability
from leeward_admin.checks.permissions import permission_problems
from leeward_admin.checks.workers import worker_checks
from leeward_admin.server_errors import ServerUnreachable, shown_valkey, translated
from workers.settings.settings import Settings

ANY_PROVIDER = "any"
OLDEST_REDIS = 7
OLDEST_VALKEY = 8
FULL_ENOUGH = 0.8
"""Share of maxmemory; above it there is a warning."""


def valkey_checks(settings: Settings) -> list[Check]:
    """Whether it answers, is new enough, is persistent and lets this user do what the fleet does. Changes nothing."""
    if settings.valkey_url is None:
        return [Check("valkey", Verdict.OK, EMBEDDED)]
    try:
        with translated(settings), connect(settings.valkey_url.get_secret_value()) as client:
            address = shown_valkey(settings)
            return [
                *_server(client, address),
                *_permissions(client, settings),
                *_switched_off(client),
                *worker_checks(client),
            ]
    except ServerUnreachable as error:
        return [Check("valkey", Verdict.PROBLEM, f"{error}. Check LEEWARD_VALKEY_URL and that it runs.")]


def _server(client: redis.Redis, address: str) -> list[Check]:
    try:
        server: dict[str, Any] = client.info()
    except redis.exceptions.NoPermissionError:
        advice = (
            "its version, memory and durability cannot be read: allow the user INFO, or ask the operator of the server"
        )
        return [Check("valkey", Verdict.WARNING, f"{address} answers; {advice}")]
    return [_version(server, address), *_role(server), _memory(server), _durability(client, server)]


def _role(server: dict[str, Any]) -> list[Check]:
    if server.get("role", "master") == "master":
        return []
    advice = "it is a replica and takes no writes: set LEEWARD_VALKEY_URL to the primary"
    return [Check("valkey role", Verdict.PROBLEM, advice)]


def _permissions(client: redis.Redis, settings: Settings) -> list[Check]:
    found = permission_problems(client, _providers(client, settings))
    return [Check("valkey permissions", Verdict.PROBLEM, problem) for problem in found] or [
        Check("valkey permissions", Verdict.OK, "the user may do all that the fleet does")
    ]


def _providers(client: redis.Redis, settings: Settings) -> set[str]:
    """Those of the file and those that the fleet has; the same rights are needed for any other."""
    named = {name for name in settings.source.table("providers") if is_queue_part(name)}
    with suppress(redis.exceptions.NoPermissionError):
        named |= known_providers(client)
    return named or {ANY_PROVIDER}


def _switched_off(client: redis.Redis) -> list[Check]:
    with suppress(redis.exceptions.NoPermissionError):
        states = [Guards(client, name).state() for name in sorted(known_providers(client))]
        return [
            Check("switched off", Verdict.WARNING, _off(state), (EnableProvider(state.provider),))
            for state in states
            if state.disabled_because
        ]
    return []


def _off(state: GuardState) -> str:
    return f"{state.provider}, {state.disabled_because}: it takes no new jobs, and starts none of those that wait"


def _version(server: dict[str, Any], address: str) -> Check:
    valkey = server.get("server_name") == "valkey"
    name, oldest = ("Valkey", OLDEST_VALKEY) if valkey else ("Redis", OLDEST_REDIS)
    version = str(server["valkey_version"] if valkey else server.get("redis_version", "0"))
    if int(version.partition(".")[0]) < oldest:
        return Check("valkey", Verdict.PROBLEM, f"{name} {version} at {address} is too old: use {oldest} or newer")
    return Check("valkey", Verdict.OK, f"{name} {version} at {address}")


def _memory(server: dict[str, Any]) -> Check:
    policy, most, used = server.get("maxmemory_policy", "noeviction"), server.get("maxmemory"), server["used_memory"]
    if not most:
        return Check(
            "valkey memory", Verdict.OK, f"nothing is evicted; {_mebibytes(used)} are used, and there is no maxmemory"
        )
    if policy == "noeviction":
        usage = f"{used / most:.0%} of maxmemory are used, {_mebibytes(used)} of {_mebibytes(most)}"
        if used <= FULL_ENOUGH * most:
            return Check("valkey memory", Verdict.OK, f"nothing is evicted; {usage}")
        advice = "raise maxmemory, add workers, or set max_waiting for the provider that fills it"
        detail = f"{usage}; at 100% producers are refused: {advice}"
        return Check("valkey memory", Verdict.WARNING, detail, (ListQueues(),))
    return Check(
        "valkey memory",
        Verdict.PROBLEM,
        f"maxmemory-policy {policy} throws jobs away when memory is full: use noeviction",
    )


def _mebibytes(size_bytes: int) -> str:
    return f"{size_bytes / 2**20:,.1f} MiB"


def _durability(client: redis.Redis, server: dict[str, Any]) -> Check:
    is_kept, loses = durability(client, server)
    return Check("valkey durability", Verdict.OK if is_kept else Verdict.WARNING, loses)
