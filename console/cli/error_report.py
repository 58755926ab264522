"""From an error to one line for a person and a code for a script."""

from console.cli.commands import with_hint
from console.cli.exit_code import ExitCode, Failed
from leeward.errors import Conflict, Invalid, LeewardError, NotFound, Unavailable, Unusable

EXIT_CODES: dict[type[LeewardError], ExitCode] = {
    Invalid: ExitCode.USAGE,
    Unavailable: ExitCode.UNREACHABLE,
    NotFound: ExitCode.NOT_FOUND,
    Conflict: ExitCode.CONFLICT,
    Unusable: ExitCode.UNUSABLE,
    LeewardError: ExitCode.FAILED,
}
"""By the class of the contract that an error belongs to."""


def explain(error: Exception) -> tuple[str, ExitCode] | None:
    """The line and the code; None for an error that is a bug."""
    match error:
        case Failed():
            return str(error), error.exit_code
        case LeewardError():
            return with_hint(_one_line(error), error.actions), _code(error)
        case OSError():
            return _of_the_system(error), ExitCode.FAILED
    return None


def _code(error: LeewardError) -> ExitCode:
    return next(EXIT_CODES[kind] for kind in type(error).__mro__ if kind in EXIT_CODES)


def _one_line(error: Exception) -> str:
    problems = getattr(error, "problems", None)
    if problems:
        return f"the configuration cannot be used: {' | '.join(map(str, problems))}"
    from leeward.redaction import cleaned

    return " ".join(cleaned(str(error)).split())


def _of_the_system(error: OSError) -> str:
    if error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return _one_line(error)
