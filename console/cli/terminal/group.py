"""A command of commands, whose help shows the first sentence of each one whole."""

import click

LONGEST_SENTENCE = 200
"""Characters. click would cut a sentence off at the end of the line."""


class CommandGroup(click.Group):
    """Lists its commands with their first sentences, on more than one line where one is too short."""

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
