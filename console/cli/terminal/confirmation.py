"""Asks for confirmation before many letters are changed."""

import sys

import click


def confirm(question: str, *, changes: int, yes: bool, as_json: bool) -> None:
    """Returns when it may be done: at once for a single change or with `--yes`, otherwise when the person agrees.

    Raises:
        click.UsageError: there is no terminal to ask on.
        click.Abort: the person does not agree.
    """
    if yes or changes <= 1:
        return
    if as_json or not sys.stdin.isatty():
        raise click.UsageError(f"{question} Say so with --yes, or look first with --dry-run.")
    if not click.confirm(question, err=True):
        raise click.Abort
