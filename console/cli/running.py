"""Running a command so that every error ends in one clear line and an exit code."""

import io
import os
import sys
import traceback
from collections.abc import Sequence
from dataclasses import dataclass

import click

from console.cli.exit_code import ExitCode
from console.cli.terminal.printable import printable
from console.cli.terminal.stdout import ReaderGone


@dataclass(slots=True)
class Invocation:
    """One run of the command.

    Attributes:
        debug: show tracebacks.
        pages: show what is higher than the terminal a page at a time.
    """

    debug: bool = False
    pages: bool = True


def run(command: click.Command, arguments: Sequence[str]) -> int:
    """The exit code. Standard output and standard error hold everything there is to say."""
    _write_anything()
    invocation = Invocation()
    try:
        code = command.main(list(arguments), prog_name="leeward", standalone_mode=False, obj=invocation)
        sys.stdout.flush()
    except (ReaderGone, BrokenPipeError):
        return _reader_gone()
    except click.exceptions.NoArgsIsHelpError as nothing:
        click.echo(nothing.format_message(), err=True)
        return ExitCode.USAGE
    except (click.Abort, KeyboardInterrupt):
        return _say("interrupted", ExitCode.INTERRUPTED)
    except Exception as error:
        if invocation.debug:
            traceback.print_exception(error)
        return _say(*_report(error))
    return code if isinstance(code, int) else ExitCode.OK


def _report(error: Exception) -> tuple[str, ExitCode]:
    if isinstance(error, click.UsageError):
        return _with_hint(error), ExitCode.USAGE
    if isinstance(error, click.ClickException):
        return error.format_message(), ExitCode.FAILED
    from console.cli.error_report import explain  # needs the contract, which most of `--help` does without

    what = " ".join(f"{type(error).__name__}: {error}".split())
    unforeseen = f"unexpected error: {what} (`leeward --debug ...` shows where; please report it)", ExitCode.FAILED
    return explain(error) or unforeseen


def _say(message: str, code: ExitCode) -> int:
    click.echo(f"leeward: {printable(message)}", err=True)
    return code


def _with_hint(error: click.UsageError) -> str:
    command = error.ctx.command_path if error.ctx else "leeward"
    return f"{error.format_message()} See `{command} --help`."


def _reader_gone() -> int:
    # What is still in the buffer has nowhere to go; without this Python complains when it ends.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return ExitCode.READER_GONE


def _write_anything() -> None:
    """Characters that the terminal cannot show are printed as escapes; bytes that are not text are reported, not raised."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(errors="surrogateescape")
