"""Whether an installation is fit for the fleet: everything that is wrong, at once."""

from dataclasses import replace

from leeward.redaction import cleaned
from leeward_admin.checks.check import Check, Verdict
from leeward_admin.checks.outbox import outbox_checks
from leeward_admin.checks.postgresql import postgresql_checks
from leeward_admin.checks.providers import check_providers
from leeward_admin.checks.valkey import valkey_checks
from leeward_admin.logs import log_errors_only
from workers.processes.addresses import with_running_servers
from workers.settings.problem import InvalidSettings
from workers.settings.settings import Settings


def check_installation() -> list[Check]:
    """Looks at the configuration of this environment and then, if the fleet's own settings can be used, at its servers. Changes nothing."""
    try:
        settings = Settings.from_environment()
    except InvalidSettings as invalid:
        found = [Check(problem.name, Verdict.PROBLEM, problem.advice) for problem in invalid.problems]
        # The process that looks at the providers finds an unknown variable, too.
        return [*found, *(one for one in check_providers() if one.name not in {each.name for each in found})]
    log_errors_only(settings)
    configuration = Check("configuration", Verdict.OK, "every variable can be used")
    return [configuration, *run_checks(settings), *check_providers()]


def run_checks(settings: Settings) -> list[Check]:
    """Looks at the servers and the configuration, whatever the outcome of each. Changes nothing."""
    reachable = with_running_servers(settings)
    found = [
        *valkey_checks(reachable),
        *postgresql_checks(reachable),
        *outbox_checks(reachable),
        *_self_drain(settings),
    ]
    # What a server or a provider answers may hold a secret.
    return [replace(one, detail=cleaned(one.detail)) for one in found]


def _self_drain(settings: Settings) -> list[Check]:
    actors = settings.self_drain.wanted(settings.source.table("actors"))
    return [Check("self-drain", Verdict.OK, f"of {', '.join(actors)}")] if actors else []
