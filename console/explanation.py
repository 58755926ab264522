"""From an error to one line for a person and a code for a script."""

from console.exit_code import ExitCode, Failed

KINDS: dict[ExitCode, frozenset[str]] = {
    ExitCode.USAGE: frozenset(
        {
            "broker.guards.config.ImpossibleGuard",
            "storage.dead_letters.filter_values.InvalidFilter",
            "storage.replays.rules.ImpossibleRules",
        }
    ),
    ExitCode.UNREACHABLE: frozenset(
        {
            "workers.admin_errors.ServerUnreachable",
            "workers.migrate.DatabaseUnreachable",
            "leeward.errors.Unavailable",
            "dramatiq.errors.BrokerConnectionError",
            "redis.exceptions.ConnectionError",
            "redis.exceptions.TimeoutError",
        }
    ),
    ExitCode.NOT_FOUND: frozenset(
        {
            "leeward.errors.JobNotFound",
            "storage.dead_letters.groups.UnknownGroup",
            "storage.dead_letters.reading.UnknownDeadLetter",
            "storage.dead_letters.saved_filters.UnknownFilter",
            "storage.replays.reading.UnknownReplay",
            "workers.admin_providers.UnknownActor",
            "workers.admin_providers.UnknownProvider",
            "workers.admin_queues.UnknownQueue",
        }
    ),
    ExitCode.CONFLICT: frozenset(
        {
            "leeward.errors.IdempotencyConflict",
            "storage.dead_letters.prune.PruneUnderWay",
            "storage.dead_letters.saved_filters.FilterExists",
            "storage.dead_letters.triage.Conflict",
            "storage.dead_letters.triage.ImpossibleStep",
            "storage.replays.creation.NothingToReplay",
            "storage.replays.steps.ImpossibleReplayStep",
            "storage.replays.steps.ReplayChanged",
            "workers.up.AlreadyUp",
            "workers.embedded.directory_lock.DirectoryInUse",
        }
    ),
    ExitCode.FAILED: frozenset(
        {
            "builtins.OSError",
            "leeward.errors.LeewardError",
            "storage.dead_letters.correction.InvalidCorrection",
            "storage.migrate.UnknownRevision",
            "storage.online.brief.SchemaBusy",
            "storage.url.InvalidDatabaseUrl",
            "workers.addresses.NotConfigured",
            "workers.admin_errors.AddressMissing",
            "workers.admin_errors.SchemaMissing",
            "workers.embedded.binaries.NoServerProgram",
            "workers.embedded.server_process.ServerDidNotStart",
            "workers.embedded.unprivileged.NoUnprivilegedWay",
            "workers.settings_problem.InvalidSettings",
            "workers.supervisor.child.CannotStart",
            "workers.supervisor.procfile.InvalidProcfile",
        }
    ),
}
"""Errors that somebody foresaw, from the top the first that fits. By name: importing them all would slow down every mistake."""


def explain(error: Exception) -> tuple[str, ExitCode] | None:
    """The line and the code; None for an error that nobody foresaw."""
    if isinstance(error, Failed):
        return str(error), error.exit_code
    code = _code(error)
    return None if code is None else (_one_line(error), code)


def _code(error: Exception) -> ExitCode | None:
    names = {f"{kind.__module__}.{kind.__qualname__}" for kind in type(error).__mro__}
    return next((code for code, known in KINDS.items() if names & known), None)


def _one_line(error: Exception) -> str:
    problems = getattr(error, "problems", None)
    if problems:
        return f"the configuration cannot be used: {' | '.join(map(str, problems))}"
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    from leeward.redaction import cleaned

    return " ".join(cleaned(str(error)).split())
