"""A command of commands, whose help shows the first sentence of each one whole."""

from collections.abc import Mapping
from typing import Any

import click
from click.exceptions import NoSuchCommand

LONGEST_SENTENCE = 200
"""Characters. click would cut a sentence off at the end of the line."""


class CommandGroup(click.Group):
    """Lists its commands with their first sentences, on more than one line where one is too short. Of a name that is almost right it
    names the right one.

    Args:
        renamed: names of former releases -> what the commands are called now.
    """

    def __init__(self, *arguments: Any, renamed: Mapping[str, str] | None = None, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._renamed = renamed or {}

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except NoSuchCommand:
            name = args[0]
            if now := self._renamed.get(name):
                raise click.UsageError(
                    f"`{ctx.command_path} {name}` is now `{ctx.command_path} {now}`: use that.", ctx
                ) from None
            raise NoSuchCommand(name, possibilities=self.list_commands(ctx), ctx=ctx) from None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        commands = [(name, self.get_command(ctx, name)) for name in self.list_commands(ctx)]
        rows = [
            (name, command.get_short_help_str(LONGEST_SENTENCE))
            for name, command in commands
            if command is not None and not command.hidden
        ]
        if rows:
            with formatter.section("Commands"):
                formatter.write_dl(rows)
