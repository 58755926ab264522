"""Names that a shell completes."""

import click

from console.cli.fleet import fleet


def complete_kind(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    """The kinds that begin so, also those that workers have published; those of the contract where no server can be asked."""
    from leeward.errors import LeewardError
    from leeward.jobs.kinds import KINDS

    try:
        with fleet():
            names = KINDS.names()
    except LeewardError:
        names = sorted({job.kind for job in KINDS})
    return [name for name in names if name.startswith(incomplete)]
