"""`leeward` as a process forked from one that has imported everything: the imports are most of a short command's time."""

import multiprocessing
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from console.cli.main import COMMANDS, main

_FORKING = multiprocessing.get_context("forkserver")
# Ourselves, and what commands import when they run.
_USE_CASES = (
    "accounts",
    "admin",
    "checks",
    "dead_letters.dead_letters",
    "dead_letters.importing",
    "dead_letters.letters",
    "dead_letters.pruning",
    "groups",
    "jobs",
    "logs",
    "providers.providers",
    "queues",
    "replays",
    "schema",
)
_FORKING.set_forkserver_preload(
    [
        __name__,
        *COMMANDS.values(),
        *(f"leeward_admin.{name}" for name in _USE_CASES),
        "leeward.client",
        "workers.background.drainer",
    ]
)


def run_forked(
    arguments: Sequence[str], *, streams: tuple[Path, Path, Path], env: Mapping[str, str], cwd: Path, timeout: float
) -> int:
    """The exit code; negative when a signal ended it. `streams` are files for standard input, output and error.

    Raises:
        AssertionError: it had not ended after `timeout` seconds, and was killed.
    """
    process = _FORKING.Process(target=_leeward, args=(arguments, streams, dict(env), cwd))
    process.start()
    process.join(timeout)
    if process.exitcode is None:
        process.kill()
        process.join()
        raise AssertionError(f"`leeward {' '.join(arguments)}` still ran after {timeout:g} s.")
    return process.exitcode


def _leeward(arguments: Sequence[str], streams: tuple[Path, Path, Path], env: Mapping[str, str], cwd: Path) -> None:
    for descriptor, file in enumerate(streams):
        os.dup2(os.open(file, os.O_RDWR), descriptor)
    sys.stdin, sys.stdout, sys.stderr = open(0), open(1, "w"), open(2, "w", errors="backslashreplace")  # noqa: SIM115
    os.environ.clear()
    os.environ.update(env)
    os.chdir(cwd)
    sys.argv = ["leeward", *arguments]
    main()
