"""The `leeward` command."""

import gc
import sys
from importlib import import_module

import click

from console.cli.running import Invocation, run
from console.cli.terminal.group import CommandGroup

COLLECT_EVERY = 50_000
"""New objects between two looks for garbage; 700 is Python's own number."""
COMMANDS = {
    "accounts": "console.cli.accounts.accounts",
    "batch": "console.cli.jobs.batch",
    "check": "console.cli.check",
    "completion": "console.cli.completion.command",
    "config": "console.cli.configuration.config",
    "demo": "console.cli.demo",
    "dependency": "console.cli.resilience.dependency",
    "dlq": "console.cli.dlq",
    "enqueue": "console.cli.jobs.enqueue",
    "erase": "console.cli.erase",
    "events": "console.cli.status.events",
    "extensions": "console.cli.extensions",
    "health": "console.cli.status.health",
    "job": "console.cli.jobs.job",
    "jobs": "console.cli.jobs.listing",
    "migrate": "console.cli.migrate",
    "outbox": "console.cli.outbox",
    "provider": "console.cli.providers.provider",
    "queue": "console.cli.queues",
    "queues": "console.cli.queues",
    "recovery": "console.cli.resilience.recovery",
    "schedule": "console.cli.schedule",
    "scheduler": "console.cli.processes",
    "status": "console.cli.status.status",
    "up": "console.cli.processes",
    "url": "console.cli.configuration.config",
    "webhooks": "console.cli.providers.webhooks",
    "worker": "console.cli.processes",
    "workers": "console.cli.status.workers",
}
"""Command -> the module that defines it under that name. It is imported when the command is used."""

EPILOG = """
\b
Exit codes:
  0    done
  1    the command failed, or found a problem
  2    the command line is not valid
  3    a server cannot be reached
  4    there is no such job, queue, provider, dead letter, replay or filter
  5    conflict: not possible in its current state
  78   what is installed or configured cannot be used: do not start it again
  130  interrupted
  141  the reader of the output closed it

Every command takes --json. Configuration comes from LEEWARD_ variables; `leeward check` reports their problems.
"""


class Commands(CommandGroup):
    """The commands, imported one by one: none of them waits for the others."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        found: click.Command = getattr(import_module(COMMANDS[cmd_name]), cmd_name)
        return found


@click.group(
    cls=Commands,
    epilog=EPILOG,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(package_name="leeward-fleet", message="leeward %(version)s")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
@click.option("--no-pager", is_flag=True, help="Never show a long answer a page at a time.")
@click.pass_context
def leeward(context: click.Context, *, debug: bool, no_pager: bool) -> None:
    """A fleet of workers for jobs that depend on unreliable services. Without a command: the fleet at a glance, as `leeward status`."""
    invocation: Invocation = context.obj
    invocation.debug = debug
    invocation.pages = not no_pager
    if context.invoked_subcommand is None:
        from console.cli.status.status import status

        context.invoke(status)


def main() -> None:
    """Runs the command of this process's arguments and ends the process."""
    # Imports are most of a short command, and nothing of what they make is garbage.
    gc.set_threshold(COLLECT_EVERY)
    sys.exit(run(leeward, sys.argv[1:]))


if __name__ == "__main__":
    main()
