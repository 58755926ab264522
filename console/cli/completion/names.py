"""Completion of names: for `shell_complete` of arguments and options."""

import subprocess
import sys
from collections.abc import Callable

import click

from console.cli.completion.kept_names import Names, kept_names

Completion = Callable[[click.Context, click.Parameter, str], list[str]]


def _of(what: str) -> Completion:
    def complete(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
        return [name for name in _names().get(what, []) if name.startswith(incomplete)]

    return complete


queues = _of("queues")
providers = _of("providers")
kinds = _of("kinds")


def one_of(values: tuple[str, ...]) -> Completion:
    """Of a set that does not change."""

    def complete(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
        return [value for value in values if value.startswith(incomplete)]

    return complete


def _names() -> Names:
    names, fresh = kept_names()
    if names is None:
        from console.cli.completion.refresh import names_of_fleet

        return names_of_fleet()
    if not fresh:
        _refresh()
    return names


def _refresh() -> None:
    subprocess.Popen(
        [sys.executable, "-m", "console.cli.completion.refresh"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
