"""The options of commands that choose the form of the answer."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

import click

from console.cli.terminal.screen import Form, Screen

Returned = TypeVar("Returned")

_JSON = click.option("--json", "_json", is_flag=True, help="Answer in JSON.")
_FORM = click.option(
    "-o",
    "--output",
    "_form",
    type=click.Choice([form.value for form in Form if form is not Form.AUTO]),
    help="The form of the answer: by default a table on a terminal, lines with tabs in a pipe.",
)
_WIDE = click.option("--wide", "_wide", is_flag=True, help="Every column, whole ids and texts, exact times.")


def output(command: Callable[..., Returned]) -> Callable[..., Returned]:
    """Gives a command the option `--json` and the argument `screen`."""
    return _JSON(_with_screen(command))


def listing_output(command: Callable[..., Returned]) -> Callable[..., Returned]:
    """Gives a command that lists something the options `-o`, `--json` and `--wide`, and the argument `screen`."""
    return _FORM(_JSON(_WIDE(_with_screen(command))))


def _with_screen(command: Callable[..., Returned]) -> Callable[..., Returned]:
    @wraps(command)
    def with_screen(
        *arguments: Any, _json: bool = False, _form: str | None = None, _wide: bool = False, **named: Any
    ) -> Returned:
        if _json and _form not in {None, Form.JSON.value}:
            raise click.UsageError(f"--json and -o {_form} exclude each other.")
        form = Form.JSON if _json else Form(_form or Form.AUTO)
        named["screen"] = Screen(form, wide=_wide, pages=_pages())
        return command(*arguments, **named)

    return with_screen


def _pages() -> bool:
    from console.cli.running import Invocation

    context = click.get_current_context(silent=True)
    invocation = context.find_object(Invocation) if context else None
    return invocation is None or invocation.pages
