"""The group `leeward accounts`."""

import click

from console.cli.accounts.extend import extend
from console.cli.accounts.listing import list_
from console.cli.accounts.show import show
from console.cli.accounts.sync import sync
from console.cli.terminal.group import CommandGroup


@click.group(cls=CommandGroup)
def accounts() -> None:
    """Accounts that expire or were registered: what is wanted, and what providers have confirmed."""


for _command in (list_, show, sync, extend):
    accounts.add_command(_command)
