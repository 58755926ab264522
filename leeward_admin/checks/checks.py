"""Whether an installation is fit for the fleet: everything that is wrong, at once."""

from dataclasses import replace

from leeward.redaction import cleaned
from leeward_admin.checks.check import Check, Verdict
from leeward_admin.checks.postgresql import postgresql_checks
from leeward_admin.checks.valkey import valkey_checks
from leeward_admin.logs import log_errors_only
from workers.addresses import with_running_servers
from workers.configured_providers import ConfiguredProviders
from workers.self_drain_settings import load_self_drain
from workers.settings import Settings
from workers.settings_problem import InvalidSettings


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
        *valkey_checks(reachable),
        *postgresql_checks(reachable),
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
