"""Whether the servers are there and fit for the fleet."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

import redis
from sqlalchemy import text

from leeward.connection import connect
from leeward.redaction import cleaned
from leeward_admin.checks.durability import durability
from leeward_admin.checks.permissions import permission_problems
from leeward_admin.logs import log_errors_only
from leeward_admin.server_errors import ServerUnreachable, shown_database, shown_valkey, translated
from storage.engine import create_engine
from storage.fitness import UnfitDatabase
from storage.migrate import UnknownRevision, pending
from storage.pooler import SharedSessions, shares_sessions
from workers.addresses import with_running_servers
from workers.configured_providers import ConfiguredProviders
from workers.self_drain_settings import load_self_drain
from workers.settings import Settings
from workers.settings_problem import InvalidSettings

OLDEST_REDIS = 7
OLDEST_VALKEY = 8
FULL_ENOUGH = 0.8
"""Share of maxmemory; above it there is a warning."""
_EMBEDDED = "no address is set: `leeward up` starts its own"


class Verdict(StrEnum):
    OK = "ok"
    WARNING = "warning"
    """The fleet works, but not as one would wish."""
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at: what, how it is, and what to do if it is not well."""

    name: str
    verdict: Verdict
    detail: str


def check_installation() -> list[Check]:
    """Looks at the configuration of this environment and then, if that can be used, at everything else. Changes nothing."""
    try:
        settings = Settings.from_environment()
    except InvalidSettings as invalid:
        return [Check(problem.name, Verdict.PROBLEM, problem.advice) for problem in invalid.problems]
    log_errors_only(settings)
    return [Check("configuration", Verdict.OK, "every variable can be used"), *run_checks(settings)]


def run_checks(settings: Settings) -> list[Check]:
    """Looks at everything, whatever the outcome of each. Changes nothing."""
    reachable = with_running_servers(settings)
    found = [
        *_valkey(reachable),
        *_database(reachable),
        *_providers(settings),
        _guards(settings),
        *_self_drain(settings),
    ]
    # What a server or a provider answers may hold a secret.
    return [replace(one, detail=cleaned(one.detail)) for one in found]


def _guards(settings: Settings) -> Check:
    """Settings that could be loaded hold guards that can be used."""
    source = f"as {settings.config} has them" if settings.config else "their defaults: LEEWARD_CONFIG is not set"
    return Check("guards", Verdict.OK, f"{source}, for {', '.join(sorted(settings.guards.providers))}")


def _self_drain(settings: Settings) -> list[Check]:
    try:
        config = load_self_drain(settings.config, settings.self_drain_actors)
    except InvalidSettings as invalid:
        return [Check(f"self-drain: {one.name}", Verdict.PROBLEM, one.advice) for one in invalid.problems]
    return [] if config is None else [Check("self-drain", Verdict.OK, f"of {', '.join(config.actors)}")]


def _valkey(settings: Settings) -> list[Check]:
    if settings.valkey_url is None:
        return [Check("valkey", Verdict.OK, _EMBEDDED)]
    try:
        with translated(settings), connect(settings.valkey_url.get_secret_value()) as client:
            return [*_server(client, shown_valkey(settings)), *_permissions(client, settings)]
    except ServerUnreachable as error:
        return [Check("valkey", Verdict.PROBLEM, f"{error}. Check LEEWARD_VALKEY_URL and that it runs.")]


def _server(client: redis.Redis, address: str) -> list[Check]:
    try:
        server: dict[str, Any] = client.info()
    except redis.exceptions.NoPermissionError:
        advice = "its version, memory and durability cannot be looked at: allow the user INFO, or ask who runs it"
        return [Check("valkey", Verdict.WARNING, f"{address} answers; {advice}")]
    return [_version(server, address), *_role(server), _memory(server), _durability(client, server)]


def _role(server: dict[str, Any]) -> list[Check]:
    if server.get("role", "master") == "master":
        return []
    advice = "it is a replica and takes no writes: let LEEWARD_VALKEY_URL lead to the primary"
    return [Check("valkey role", Verdict.PROBLEM, advice)]


def _permissions(client: redis.Redis, settings: Settings) -> list[Check]:
    found = permission_problems(client, settings.guards.providers)
    return [Check("valkey permissions", Verdict.PROBLEM, problem) for problem in found] or [
        Check("valkey permissions", Verdict.OK, "the user may do all that the fleet does")
    ]


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
        told = f"{used / most:.0%} of maxmemory are used, {_mebibytes(used)} of {_mebibytes(most)}"
        if used <= FULL_ENOUGH * most:
            return Check("valkey memory", Verdict.OK, f"nothing is evicted; {told}")
        advice = "raise maxmemory, add workers, or set max_waiting for the provider that fills it (`leeward queues`)"
        return Check("valkey memory", Verdict.WARNING, f"{told}; at 100% producers are refused: {advice}")
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


def _database(settings: Settings) -> list[Check]:
    if settings.database_url is None:
        return [Check("postgresql", Verdict.OK, _EMBEDDED)]
    url = settings.database_url.get_secret_value()
    try:
        with translated(settings):
            return [*_answer(url, shown_database(settings)), _migrations(url)]
    except ServerUnreachable as error:
        if isinstance(error.__cause__, UnfitDatabase):
            return [Check("postgresql", Verdict.PROBLEM, f"{error.__cause__}.")]
        return [Check("postgresql", Verdict.PROBLEM, f"{error}. Check LEEWARD_DATABASE_URL and that it runs.")]


def _answer(url: str, address: str) -> list[Check]:
    engine = create_engine(url, application="leeward check")
    try:
        with engine.connect() as connection:
            version = connection.execute(text("SHOW server_version")).scalar_one()
            read_only = connection.execute(text("SHOW transaction_read_only")).scalar_one() == "on"
        is_shared = shares_sessions(engine)
    finally:
        engine.dispose()
    found = [Check("postgresql", Verdict.OK, f"PostgreSQL {version} at {address}")]
    if read_only:
        advice = "it takes no writes (a standby, or default_transaction_read_only): let the URL lead to the primary"
        found.append(Check("postgresql writes", Verdict.PROBLEM, advice))
    if is_shared:
        unfit = SharedSessions("replays, retention and migrations")
        found.append(Check("postgresql sessions", Verdict.PROBLEM, f"{unfit}. Dead letters are still drained."))
    return found


def _migrations(url: str) -> Check:
    try:
        missing = pending(url)
    except UnknownRevision as error:
        return Check("migrations", Verdict.PROBLEM, f"{error}.")
    if missing:
        return Check("migrations", Verdict.PROBLEM, f"{len(missing)} to apply: run `leeward migrate`")
    return Check("migrations", Verdict.OK, "all are applied")


def _providers(settings: Settings) -> list[Check]:
    wanted = {
        "jellyfin": settings.jellyfin_url,
        "smtp": settings.smtp_host,
        "http": settings.download_root,
    }
    configured = [name for name, value in wanted.items() if value is not None]
    if configured:
        return [Check("providers", Verdict.OK, f"configured: {', '.join(configured)}"), *_looked_at(settings)]
    return [
        Check(
            "providers",
            Verdict.WARNING,
            "none is configured, so workers have nothing to do: set LEEWARD_JELLYFIN_URL, LEEWARD_SMTP_HOST or LEEWARD_DOWNLOAD_ROOT",
        )
    ]


def _looked_at(settings: Settings) -> list[Check]:
    """As the fleet's probes look at them, with the same clients."""
    try:
        checks = ConfiguredProviders(settings).checks
    except ValueError as error:
        return [Check("providers", Verdict.PROBLEM, f"{error}; workers would not start")]
    found = [(name, look()) for name, look in checks.items()]
    return [
        Check(f"provider {name}", Verdict.OK if health.ok else Verdict.PROBLEM, health.detail) for name, health in found
    ]
