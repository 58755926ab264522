"""From an error to one line for a person and a code for a script."""

from console.exit_code import ExitCode, Failed


def explain(error: Exception) -> tuple[str, ExitCode] | None:
    """The line and the code; None for an error that nobody foresaw."""
    if isinstance(error, Failed):
        return str(error), error.exit_code
    code = _code(error)
    return None if code is None else (_one_line(error), code)


def _code(error: Exception) -> ExitCode | None:
    return next((code for code, kinds in _codes().items() if isinstance(error, kinds)), None)


def _codes() -> dict[ExitCode, tuple[type[Exception], ...]]:
    # Imported when something has gone wrong: a command that works should not pay for it.
    from dramatiq.errors import BrokerConnectionError

    from leeward import errors as client
    from storage.dead_letters import Conflict, ImpossibleStep, InvalidFilter, UnknownDeadLetter
    from storage.migrate import UnknownRevision
    from storage.url import InvalidDatabaseUrl
    from workers.addresses import NotConfigured
    from workers.admin_errors import AddressMissing, SchemaMissing, ServerUnreachable
    from workers.admin_queues import UnknownQueue
    from workers.embedded import ServerDidNotStart
    from workers.embedded.binaries import NoServerProgram
    from workers.embedded.directory_lock import DirectoryInUse
    from workers.embedded.unprivileged import NoUnprivilegedWay
    from workers.migrate import DatabaseUnreachable
    from workers.settings_problem import InvalidSettings
    from workers.supervisor import CannotStart, InvalidProcfile
    from workers.up import AlreadyUp

    missing = (InvalidSettings, NotConfigured, AddressMissing, SchemaMissing, UnknownRevision, InvalidDatabaseUrl)
    local = (InvalidProcfile, CannotStart, ServerDidNotStart, NoServerProgram, NoUnprivilegedWay, OSError)
    # From the top: the first that fits.
    return {
        ExitCode.USAGE: (InvalidFilter,),
        ExitCode.UNREACHABLE: (ServerUnreachable, client.Unavailable, BrokerConnectionError, DatabaseUnreachable),
        ExitCode.NOT_FOUND: (client.JobNotFound, UnknownDeadLetter, UnknownQueue),
        ExitCode.CONFLICT: (client.IdempotencyConflict, Conflict, ImpossibleStep, AlreadyUp, DirectoryInUse),
        ExitCode.FAILED: (*missing, *local, client.LeewardError),
    }


def _one_line(error: Exception) -> str:
    from workers.settings_problem import InvalidSettings

    if isinstance(error, InvalidSettings):
        return f"the configuration cannot be used: {' | '.join(map(str, error.problems))}"
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return " ".join(str(error).split())
