"""What a command's exit code says to a script."""

from enum import IntEnum


class ExitCode(IntEnum):
    OK = 0
    FAILED = 1
    """The command failed, or found a problem."""
    USAGE = 2
    UNREACHABLE = 3
    """A server does not answer."""
    NOT_FOUND = 4
    CONFLICT = 5
    """Conflict, not possible in its current state: a key is taken, a job runs, a dead letter has changed."""
    UNUSABLE = 78
    """What is installed or configured cannot be used by a process that runs until it is stopped: do not start it again."""
    INTERRUPTED = 130
    READER_GONE = 141
    """The reader of the output closed it, as `head` does."""


class Failed(Exception):
    """Raised by a command that cannot do its work.

    Attributes:
        exit_code: what to end with.
    """

    def __init__(self, message: str, exit_code: ExitCode = ExitCode.FAILED) -> None:
        super().__init__(message)
        self.exit_code = exit_code
