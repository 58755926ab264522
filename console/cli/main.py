"""The `leeward` command."""

import sys

import click

from console.cli.accounts import accounts
from console.cli.check import check
from console.cli.demo import demo
from console.cli.dlq import dlq
from console.cli.jobs.enqueue import enqueue
from console.cli.jobs.job import job
from console.cli.migrate import migrate
from console.cli.processes import scheduler, up, worker
from console.cli.providers.provider import provider
from console.cli.queues import queue, queues
from console.cli.running import Invocation, run

EPILOG = """
\b
Exit codes:
  0    done
  1    the command failed, or found a problem
  2    the command line is not valid
  3    a server cannot be reached
  4    there is no such job, queue or dead letter
  5    conflict: not possible in its current state
  78   what is installed or configured cannot be used: do not start it again
  130  interrupted
  141  the reader of the output closed it

Every command takes --json. Configuration comes from LEEWARD_ variables; `leeward check` reports their problems.
"""


@click.group(epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="leeward-fleet", message="leeward %(version)s")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
@click.pass_obj
def leeward(invocation: Invocation, *, debug: bool) -> None:
    """A fleet of workers for jobs that depend on unreliable services."""
    invocation.debug = debug


for command in (up, worker, scheduler, check, migrate, demo, enqueue, job, queues, queue, provider, accounts, dlq):
    leeward.add_command(command)


def main() -> None:
    """Runs the command of this process's arguments and ends the process."""
    sys.exit(run(leeward, sys.argv[1:]))


if __name__ == "__main__":
    main()
